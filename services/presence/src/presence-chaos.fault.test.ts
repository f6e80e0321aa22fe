import { newUserId, presence, type OpenedConnection, type Status, type UserId } from '@parley/contracts';
import { seededRandom, waitFor } from '@parley/testing';
import { expect, it } from 'vitest';
import { ClusterFixture, type LeasedGateway } from './test/cluster-fixture.js';

const USERS = 40;
const STEPS = 30;
const KILL_AT = 12;
const choices: readonly Status[] = ['online', 'idle', 'dnd', 'offline'];

/** One user, who opens, closes and chooses at random, and what others should see of them in the end. */
class Walker {
  readonly userId: UserId = newUserId();
  readonly #open: { readonly gateway: LeasedGateway; readonly connection: OpenedConnection }[] = [];
  #chosen: Status = 'online';

  constructor(
    readonly cluster: ClusterFixture,
    readonly gateways: readonly LeasedGateway[],
    readonly random: ReturnType<typeof seededRandom>,
  ) {}

  get expected(): Status {
    return this.#open.length > 0 ? this.#chosen : 'offline';
  }

  async step(): Promise<void> {
    const kind = this.random.next();
    const last = this.#open.at(-1);
    if (kind < 0.25) {
      this.#chosen = this.random.pick(choices);
      await this.cluster.setStatus({ userId: this.userId, status: this.#chosen });
    } else if (last !== undefined && kind < 0.65) {
      this.#open.pop();
      await last.gateway.close(last.connection);
    } else {
      const gateway = this.random.pick(this.gateways);
      this.#open.push({ gateway, connection: await gateway.open(this.userId) });
    }
  }
}

it('whoever dies meanwhile, everybody ends up seen as they are, and no change is told twice', async () => {
  const cluster = await ClusterFixture.start({ PARLEY_PRESENCE_GRACE_MS: '300', PARLEY_PRESENCE_SETTLE_MS: '300' });
  try {
    const [doomed] = await Promise.all([cluster.replica(), cluster.replica()]);
    const gateways = await Promise.all([cluster.gateway(), cluster.gateway(), cluster.gateway()]);
    const random = seededRandom(20_261);
    const walkers = Array.from(
      { length: USERS },
      () => new Walker(cluster, gateways, seededRandom(random.int(1, 1_000_000))),
    );
    const walked = walkers.map(async (walker) => {
      for (let step = 0; step < STEPS; step++) {
        if (step === KILL_AT && walker === walkers[0]) await doomed.kill('SIGKILL');
        await walker.step();
      }
    });
    await Promise.all(walked);

    for (const { userId, expected } of walkers) {
      await waitFor(
        async () => {
          const answer = await cluster.bus.call(presence.lookup, { userIds: [userId] });
          return answer.ok && answer.value.presences[0]?.status === expected;
        },
        `${userId} to be ${expected}`,
        15_000,
      );
      await waitFor(
        async () => ((await cluster.statuses(userId)).at(-1) ?? 'offline') === expected,
        `${userId} to be announced as ${expected}`,
        15_000,
      );
      const told = ['offline', ...(await cluster.statuses(userId))];
      expect(told.filter((status, i) => status === told[i - 1])).toEqual([]);
    }
  } finally {
    await cluster.stop();
  }
});
