import { newUserId, shardOf, type UserId } from '@parley/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CoreFixture } from './test/core-fixture.js';
import { newConnection } from './test/test-gateway.js';

const GRACE = 5_000;
let fixture: CoreFixture;

beforeAll(async () => {
  fixture = await CoreFixture.start({ PARLEY_USER_CONNECTIONS_MAX: '4' });
});
afterAll(() => fixture.stop());

async function statuses(userId: UserId): Promise<readonly string[]> {
  return (await fixture.heardOf(userId)).map(({ status }) => status);
}

describe('connections', () => {
  it('make a user online once, over all gateways, and offline a grace after the last', async () => {
    const user = newUserId();
    const [one, two] = [fixture.gateway(), fixture.gateway()];
    const a = await one.open(user);
    const b = await two.open(user, 'chat');
    await one.close(a);
    await fixture.sweepAfter(GRACE);
    expect(await statuses(user)).toEqual(['online']);
    await two.close(b);
    const left = fixture.now;
    await fixture.sweepAfter(GRACE - 1);
    expect(await statuses(user)).toEqual(['online']);
    await fixture.sweepAfter(1);
    expect(await statuses(user)).toEqual(['online', 'offline']);
    expect((await fixture.heardOf(user))[1]).toEqual({ userId: user, status: 'offline', lastSeen: left, metadata: {} });
  });

  it('are named as the cause of what they announce, the first of several, and of a coming only', async () => {
    const user = newUserId();
    const gateway = fixture.gateway();
    const [first, second] = [newConnection(user), newConnection(user)];
    await gateway.report([first, second], []);
    await gateway.close(first, second);
    await fixture.sweepAfter(GRACE);
    expect(await fixture.heardOf(user)).toMatchObject([
      { status: 'online', by: first.connectionId },
      { status: 'offline' },
    ]);
  });

  it('that return within the grace, on another gateway, were never gone', async () => {
    const user = newUserId();
    const [one, two] = [fixture.gateway(), fixture.gateway()];
    await one.close(await one.open(user));
    fixture.pass(GRACE - 1);
    await two.open(user);
    await fixture.sweepAfter(2 * GRACE);
    expect(await statuses(user)).toEqual(['online']);
  });

  it('replaced within one report leave no trace', async () => {
    const user = newUserId();
    const gateway = fixture.gateway();
    const old = await gateway.open(user);
    await gateway.report([newConnection(user)], [old]);
    await fixture.sweepAfter(2 * GRACE);
    expect(await statuses(user)).toEqual(['online']);
  });

  it('opened and closed within one report were never there', async () => {
    const user = newUserId();
    const brief = newConnection(user);
    await fixture.gateway().report([brief], [brief]);
    await fixture.sweepAfter(2 * GRACE);
    expect(await statuses(user)).toEqual([]);
  });
});

describe('a repeated report', () => {
  it('changes nothing', async () => {
    const user = newUserId();
    const gateway = fixture.gateway();
    const [a, b] = [newConnection(user), newConnection(user)];
    await gateway.report([a, b, a], []);
    await gateway.report([a, b], []);
    await gateway.report([], [a]);
    await gateway.report([], [a]);
    const found = await fixture.core.listConnections.run({ userId: user, limit: 10 });
    expect(found).toMatchObject({ ok: true, value: { total: 1, connections: [{ connectionId: b.connectionId }] } });
    await gateway.report([], [b]);
    fixture.pass(1_000);
    // Must not begin the grace anew.
    await gateway.report([], [b]);
    await fixture.sweepAfter(GRACE - 1_000);
    expect(await statuses(user)).toEqual(['online', 'offline']);
  });

  it('cannot close what another gateway has', async () => {
    const user = newUserId();
    const mine = await fixture.gateway().open(user);
    await fixture.gateway().close(mine);
    await fixture.sweepAfter(2 * GRACE);
    expect(await statuses(user)).toEqual(['online']);
  });
});

describe('limits', () => {
  it('hold over all gateways, in the order of opening, and say which were refused', async () => {
    const user = newUserId();
    const [one, two] = [fixture.gateway(), fixture.gateway()];
    const first = [newConnection(user), newConnection(user), newConnection(user)];
    expect(await one.report(first, [])).toEqual({ refused: [], limit: 4 });
    const [fits, over] = [newConnection(user), newConnection(user)];
    expect(await two.report([fits, over], [])).toEqual({ refused: [over.connectionId], limit: 4 });
    expect(await two.report([fits, over], [])).toEqual({ refused: [over.connectionId], limit: 4 });
    // What closes in the same report makes room.
    expect(await two.report([over], [fits])).toEqual({ refused: [], limit: 4 });
  });

  it('of one dialect leave the others alone', async () => {
    const strict = await CoreFixture.start();
    try {
      const user = newUserId();
      const gateway = strict.gateway();
      const six = Array.from({ length: 6 }, () => newConnection(user, 'collab'));
      expect(await gateway.report(six, [])).toEqual({ refused: [six[5]?.connectionId], limit: 5 });
      expect(await gateway.report([newConnection(user, 'chat')], [])).toEqual({ refused: [], limit: 50 });
    } finally {
      await strict.stop();
    }
  });

  it('refuse without making a user appear', async () => {
    const user = newUserId();
    const gateway = fixture.gateway();
    const five = Array.from({ length: 5 }, () => newConnection(user));
    await gateway.report(five, []);
    await gateway.report([], five.slice(0, 4));
    await fixture.sweepAfter(GRACE);
    expect(await statuses(user)).toEqual(['online', 'offline']);
  });
});

it('refuses users of another shard', async () => {
  const user = newUserId();
  const wrong = { shard: (shardOf(user) + 1) % 64, gatewayId: fixture.gateway().gatewayId };
  const answer = await fixture.core.report.run({ ...wrong, opened: [newConnection(user)], closed: [] });
  expect(answer).toMatchObject({ ok: false, error: { code: 'invalid', field: 'opened.0.userId' } });
});

it('takes a handful of statements, however much is reported', async () => {
  const users: UserId[] = [];
  while (users.length < 500) {
    const user = newUserId();
    if (shardOf(user) === 9) users.push(user);
  }
  const opened = users.map((user) => newConnection(user));
  const gateway = fixture.gateway();
  const before = fixture.statements;
  expect((await gateway.report(opened, [])).refused).toEqual([]);
  await gateway.report(
    users.map((user) => newConnection(user)),
    opened,
  );
  expect(fixture.statements - before).toBeLessThanOrEqual(16);
  await fixture.core.clearGateways.run();
  for (const user of users) expect(await statuses(user)).toEqual(['online']);
});
