import { freePort, seededRandom, startCluster, waitFor, type Cluster, type SeededRandom } from '@parley/testing';
import { expect } from 'vitest';
import { roomy } from '../load.js';
import { metric } from '../metrics.js';
import { registerMany, type Person } from '../people.js';
import { Inspector } from './inspector.js';

export const SEED = Number(process.env['PARLEY_TEST_FUZZ_SEED'] ?? 20_260_101);
const HEAP_SLACK = 4 * 1_048_576;

/** What every dialect's thrower counts. */
interface Tally {
  readonly handled: number;
  readonly faults: readonly string[];
}

/** One gateway in a cluster that rations nothing, those who throw at it, and a look at what it holds. */
export class FuzzRig {
  private idle = { connections: 0, subscriptions: 0 };

  private constructor(
    readonly cluster: Cluster,
    readonly throwers: readonly Person[],
    private readonly inspector: Inspector,
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<FuzzRig> {
    const port = await freePort();
    const cluster = await startCluster({
      env: { ...roomy, PARLEY_USER_CONNECTIONS_MAX: '1000', PARLEY_GATEWAY_HANDSHAKES_PER_SECOND: '100000', ...env },
      envOf: { gateway: { NODE_OPTIONS: `--inspect=127.0.0.1:${String(port)}` } },
    });
    try {
      const throwers = await registerMany(cluster.gateway(1).url, 8);
      return new FuzzRig(cluster, throwers, await Inspector.attach(port));
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.inspector.close();
    await this.cluster.stop();
  }

  /** Who is connected now stays so until the end; everyone else is to leave nothing behind. */
  async settled(connections: number): Promise<void> {
    await waitFor(async () => (await this.metric('parley_connections_active')) === connections, 'the bystander');
    this.idle = { connections, subscriptions: await this.metric('parley_subscriptions_active') };
  }

  /** Nothing is left of those who threw. */
  async expectQuiet(): Promise<void> {
    const { connections, subscriptions } = this.idle;
    const [alone, gone] = ['only the bystander to be connected', 'subscriptions to be gone'];
    await waitFor(async () => (await this.metric('parley_connections_active')) === connections, alone, 15_000);
    await waitFor(async () => (await this.metric('parley_subscriptions_active')) === subscriptions, gone, 15_000);
  }

  /** Many connections at once, each with frames of its own, until so many frames were dealt with. */
  async throwFrames(
    lanes: number,
    { round, count }: { readonly round: number; readonly count: number },
    tally: Tally,
    live: (random: SeededRandom, thrower: Person) => Promise<void>,
  ): Promise<void> {
    const lane = async (_: unknown, number: number): Promise<void> => {
      const random = seededRandom(SEED + 1_000 * round + number);
      while (tally.handled < count && tally.faults.length < 10) await live(random, random.pick(this.throwers));
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    expect(tally.faults, `seed ${String(SEED)}`).toEqual([]);
    expect(tally.handled).toBeGreaterThanOrEqual(count);
  }

  /** The first round fills caches and warms the compiler up; what is held is compared over the others. */
  async expectFlat(
    rounds: readonly [number, number, number],
    throwRound: (round: number, count: number) => Promise<void>,
  ) {
    const held: number[] = [];
    for (const [round, count] of rounds.entries()) {
      await throwRound(round, count);
      await this.expectQuiet();
      held.push(await this.inspector.heldBytes());
    }
    const [, second = 0, third = 0] = held;
    expect(third - second, `held after each round: ${held.join(' ')}`).toBeLessThan(HEAP_SLACK);
    expect(this.cluster.processes.every(({ child }) => child.running)).toBe(true);
  }

  private metric(name: string): Promise<number> {
    return metric(this.cluster.gateway(1).probesUrl, name);
  }
}
