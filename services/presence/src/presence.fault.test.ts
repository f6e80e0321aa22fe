import { gatewayLost, newUserId, presence, type UserId } from '@parley/contracts';
import { waitFor, type Child } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterFixture } from './test/cluster-fixture.js';
import { newConnection } from './test/test-gateway.js';

const LOST_BOUND_MS = 15_000;

describe('two replicas', () => {
  let cluster: ClusterFixture;
  beforeAll(async () => {
    cluster = await ClusterFixture.start({ PARLEY_PRESENCE_GRACE_MS: '500', PARLEY_PRESENCE_SETTLE_MS: '500' });
    await Promise.all([cluster.replica(), cluster.replica()]);
  });
  afterAll(() => cluster.stop());

  it('share the users; either answers for all; announcements come in order', async () => {
    const [one, two] = await Promise.all([cluster.gateway(), cluster.gateway()]);
    const users = Array.from({ length: 32 }, newUserId);
    await Promise.all(
      users.map(async (userId) => {
        const first = await one.open(userId);
        await cluster.setStatus({ userId, status: 'idle', metadata: { n: 1 } });
        const second = await two.open(userId);
        await one.close(first);
        await cluster.setStatus({ userId, status: 'dnd' });
        await two.close(second);
      }),
    );
    for (const user of users) await cluster.untilSeenAs(user, 'offline', 10_000);
    for (const user of users) expect(await cluster.statuses(user)).toEqual(['online', 'idle', 'dnd', 'offline']);
    // Asked often enough that both have answered.
    for (let i = 0; i < 8; i++) {
      const answer = await cluster.bus.call(presence.lookup, { userIds: users });
      expect(answer.ok && answer.value.presences.filter(({ status }) => status === 'offline')).toHaveLength(32);
    }
  });
});

describe('a replica that is stopped', () => {
  it('hands its users over at once, and nobody flickers', async () => {
    const cluster = await ClusterFixture.start({ PARLEY_PRESENCE_GRACE_MS: '500', PARLEY_PRESENCE_SETTLE_MS: '500' });
    try {
      const [first] = await Promise.all([cluster.replica(), cluster.replica()]);
      const gateway = await cluster.gateway();
      const users = Array.from({ length: 16 }, newUserId);
      const connections = await Promise.all(users.map((user) => gateway.open(user)));
      const [exit] = await Promise.all([
        first.stop(10_000),
        ...connections.map((connection) => gateway.report([newConnection(connection.userId)], [connection])),
      ]);
      expect(exit).toEqual({ code: 0, signal: null });
      const leaver = await gateway.open(newUserId());
      await gateway.close(leaver);
      await cluster.untilSeenAs(leaver.userId, 'offline', 5_000);
      for (const user of users) expect(await cluster.statuses(user)).toEqual(['online']);
    } finally {
      await cluster.stop();
    }
  });
});

describe('an owner that is killed', () => {
  it('while a grace runs leaves it to its successor, and what it owed is announced once', async () => {
    const cluster = await ClusterFixture.start({ PARLEY_PRESENCE_GRACE_MS: '2000', PARLEY_PRESENCE_SETTLE_MS: '500' });
    try {
      const first = await cluster.replica();
      const gateway = await cluster.gateway();
      const [left, stays] = [newUserId(), newUserId()];
      const connection = await gateway.open(left);
      await gateway.open(stays);
      await cluster.untilSeenAs(left, 'online', 5_000);
      await gateway.close(connection);
      await first.kill('SIGKILL');
      expect(await cluster.statuses(left)).toEqual(['online']);
      await cluster.replica();
      await cluster.untilSeenAs(left, 'offline', 20_000);
      expect(await cluster.statuses(left)).toEqual(['online', 'offline']);
      expect(await cluster.statuses(stays)).toEqual(['online']);
    } finally {
      await cluster.stop();
    }
  });
});

describe('a gateway that is gone', () => {
  let cluster: ClusterFixture;
  let replicas: readonly Child[];
  beforeAll(async () => {
    cluster = await ClusterFixture.start();
    replicas = await Promise.all([cluster.replica(), cluster.replica()]);
  });
  afterAll(() => cluster.stop());

  it('takes its users with it within 15 seconds of SIGKILL, and nobody else; it is said once', async () => {
    const [dying, living] = await Promise.all([cluster.gateway(), cluster.gateway()]);
    const alone = Array.from({ length: 24 }, newUserId);
    const [both, elsewhere, moved] = [newUserId(), newUserId(), newUserId()];
    for (const user of [...alone, both, moved]) await dying.open(user);
    for (const user of [both, elsewhere]) await living.open(user);
    await dying.process.kill('SIGKILL');
    const killedAt = performance.now();
    await living.open(moved);
    for (const user of alone) {
      await cluster.untilSeenAs(user, 'offline', LOST_BOUND_MS - (performance.now() - killedAt));
    }
    for (const user of alone) expect(await cluster.statuses(user)).toEqual(['online', 'offline']);
    for (const user of [both, elsewhere, moved]) expect(await cluster.statuses(user)).toEqual(['online']);
    const lost = await cluster.bus.read({
      stream: 'EVENTS',
      subject: gatewayLost.subject('lost'),
      after: 0,
      limit: 100,
    });
    const said = lost.ok ? lost.value.events.map((event) => gatewayLost.decode(event)?.payload) : [];
    expect(said).toEqual([{ gatewayId: dying.gatewayId, graceful: false }]);
    expect(replicas.every(({ running }) => running)).toBe(true);
  });

  it('is cleared at once when it says goodbye', async () => {
    const leaving = await cluster.gateway();
    const user = newUserId();
    await leaving.open(user);
    await leaving.process.stop();
    await waitFor(async () => {
      const open = await cluster.bus.call(presence.connections, { gatewayId: leaving.gatewayId, limit: 1 });
      return open.ok && open.value.total === 0;
    }, 'its connections to be cleared');
    await cluster.untilSeenAs(user, 'offline', 10_000);
  });
});

describe('a restart of NATS', () => {
  it('is not the death of any gateway: nobody flickers', async () => {
    const cluster = await ClusterFixture.start({ PARLEY_PRESENCE_GRACE_MS: '1000' });
    try {
      await Promise.all([cluster.replica(), cluster.replica()]);
      const [one, two, probe] = await Promise.all([cluster.gateway(), cluster.gateway(), cluster.gateway()]);
      const users: readonly UserId[] = Array.from({ length: 16 }, newUserId);
      const [between, probed] = [newUserId(), newUserId()];
      for (const user of users) await one.open(user);
      const gone = await one.open(between);
      await probe.open(probed);
      for (const user of [...users, between, probed]) await cluster.untilSeenAs(user, 'online', 5_000);
      // One is between two gateways when it happens, for longer than the grace.
      await one.close(gone);
      await cluster.nats.kill();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await cluster.nats.restart();
      await two.report([newConnection(between)], []);
      // Whoever would be called lost by mistake is by the time that a real loss has been noticed.
      await probe.process.kill('SIGKILL');
      await cluster.untilSeenAs(probed, 'offline', 25_000);
      for (const user of [...users, between]) expect(await cluster.statuses(user)).toEqual(['online']);
    } finally {
      await cluster.stop();
    }
  });
});
