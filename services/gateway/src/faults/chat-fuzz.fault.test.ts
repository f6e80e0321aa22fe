import { compile } from '@parley/contracts';
import { freePort, seededRandom, startCluster, waitFor, within, type Cluster } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { chatRoom, must } from './chat-room.js';
import { ChatThrower, newChatTally, type ChatTally } from './fuzz/chat-thrower.js';
import { Inspector } from './fuzz/inspector.js';
import { roomy } from './load.js';
import { metric } from './metrics.js';
import { register, registerMany, type Person } from './people.js';
import { textOf } from './topics-client.js';

const SEED = Number(process.env['PARLEY_TEST_FUZZ_SEED'] ?? 20_260_101);
/** The first round fills caches and warms the compiler up; the heap is compared over the others. */
const ROUNDS = [4_000, 8_000, 8_000] as const;
const LANES = 16;
const HEAP_SLACK = 4 * 1_048_576;

const createCheck = compile(
  Type.Object({ t: Type.Literal('MESSAGE_CREATE'), d: Type.Object({ content: Type.String() }) }),
);

let cluster: Cluster;
let inspector: Inspector;
let throwers: readonly Person[];
let bystander: Bystander;
let idleSubscriptions: number;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  const port = await freePort();
  cluster = await startCluster({
    env: { ...roomy, PARLEY_USER_CONNECTIONS_MAX: '1000', PARLEY_GATEWAY_HANDSHAKES_PER_SECOND: '100000' },
    envOf: { gateway: { NODE_OPTIONS: `--inspect=127.0.0.1:${String(port)}` } },
  });
  ends.push(() => cluster.stop());
  inspector = await Inspector.attach(port);
  ends.push(() => {
    inspector.close();
  });
  throwers = await registerMany(cluster.gateway(1).url, 8);
  bystander = await Bystander.start();
  idleSubscriptions = await subscriptions();
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

/** Someone in a channel where one message follows the other, who has nothing to do with what goes on around. */
class Bystander {
  private running = true;
  private sent = 0;
  private readonly heard: string[] = [];
  private readonly done: Promise<void>;

  private constructor(
    ws: WebSocket,
    private readonly post: (content: string) => Promise<unknown>,
  ) {
    ws.on('message', (data) => {
      const message: unknown = JSON.parse(textOf(data));
      if (createCheck.is(message)) this.heard.push(message.d.content);
    });
    this.done = this.run();
    this.done.catch(() => undefined);
  }

  static async start(): Promise<Bystander> {
    const { wsUrl, url } = cluster.gateway(1);
    const person = await register(url);
    const { textId } = await chatRoom(url, [person]);
    const ws = new WebSocket(`${wsUrl}/ws/chat?token=${person.token}`);
    await within(10_000, 'READY', new Promise((resolve) => ws.once('message', resolve)));
    return new Bystander(ws, (content) =>
      must('POST', `${url}/channels/${textId}/messages`, person.token, { content }),
    );
  }

  /** Returns how many messages came; fails unless it is every one, once and in order. */
  async stop(): Promise<number> {
    this.running = false;
    await this.done;
    await waitFor(() => this.heard.length >= this.sent, 'all that was posted');
    expect(this.heard).toEqual(Array.from({ length: this.sent }, (_, index) => String(index)));
    return this.sent;
  }

  private async run(): Promise<void> {
    while (this.running) await this.post(String(this.sent++));
  }
}

function subscriptions(): Promise<number> {
  return metric(cluster.gateway(1).probesUrl, 'parley_subscriptions_active');
}

/** Nothing is left of those who threw. */
async function expectQuiet(): Promise<void> {
  const active = () => metric(cluster.gateway(1).probesUrl, 'parley_connections_active');
  await waitFor(async () => (await active()) === 1, 'only the bystander to be connected', 15_000);
  await waitFor(async () => (await subscriptions()) === idleSubscriptions, 'subscriptions to be gone', 15_000);
}

/** Many connections at once, each with frames of its own. */
async function throwFrames(round: number, count: number): Promise<ChatTally> {
  const tally = newChatTally();
  const userIds = throwers.map(({ id }) => id);
  await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      const random = seededRandom(SEED + 1_000 * round + lane);
      while (tally.handled < count && tally.faults.length < 10) {
        await ChatThrower.live(cluster.gateway(1).wsUrl, random.pick(throwers).token, tally, random, userIds);
      }
    }),
  );
  return tally;
}

test(`20,000 hostile frames: each bad one closes with 4002, no crash, no leak, and a bystander misses nothing (seed ${String(SEED)})`, async () => {
  const held: number[] = [];
  for (const [round, count] of ROUNDS.entries()) {
    const tally = await throwFrames(round, count);
    expect(tally.faults, `seed ${String(SEED)}`).toEqual([]);
    expect(tally.handled).toBeGreaterThanOrEqual(count);
    expect(tally.bad).toBeGreaterThan(count / 6);
    await expectQuiet();
    held.push(await inspector.heldBytes());
  }
  const [, second = 0, third = 0] = held;
  expect(third - second, `held after each round: ${held.join(' ')}`).toBeLessThan(HEAP_SLACK);
  expect(cluster.processes.every(({ child }) => child.running)).toBe(true);
  expect(await bystander.stop()).toBeGreaterThan(100);
}, 240_000);
