import { newConnectionId, newUserId, shardOf, type UserId } from '@parley/contracts';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CoreFixture } from './test/core-fixture.js';

const TTL = 6_000;
let fixture: CoreFixture;

beforeEach(async () => {
  fixture = await CoreFixture.start();
});
afterEach(() => fixture.stop());

async function reach(...userIds: UserId[]) {
  const answer = await fixture.core.reach.run(userIds, 'chat');
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value.users;
}

describe('reach', () => {
  it('counts the connections of the dialect alone, and tells since when there is none', async () => {
    const [user, stranger] = [newUserId(), newUserId()];
    const [one, two] = [fixture.gateway(), fixture.gateway()];
    await one.open(user, 'topics');
    const a = await one.open(user, 'chat');
    const b = await two.open(user, 'chat');
    expect(await reach(stranger, user, stranger)).toEqual([
      { userId: stranger, connections: 0, goneSince: 0 },
      { userId: user, connections: 2, goneSince: 0 },
    ]);
    await one.close(a);
    fixture.pass(1_000);
    await two.close(b);
    const gone = { userId: user, connections: 0, goneSince: fixture.now };
    fixture.pass(1_000);
    expect(await reach(user)).toEqual([gone]);
    await two.open(user, 'chat');
    expect(await reach(user)).toMatchObject([{ connections: 1 }]);
  });

  it('counts the loss of a gateway from when it was last known to be alive', async () => {
    const [alone, both] = [newUserId(), newUserId()];
    const [dying, living] = [fixture.gateway(), fixture.gateway()];
    const last = await living.open(both, 'chat');
    await dying.open(alone, 'chat');
    await dying.open(both, 'chat');
    fixture.pass(TTL);
    const died = fixture.now - TTL;
    // Ends between the death and its discovery: that is what counts for this user.
    await living.close(last);
    const closed = fixture.now;
    fixture.living.delete(dying.gatewayId);
    fixture.core.clearGateways.lost(dying.gatewayId, false);
    fixture.pass(300);
    await fixture.core.clearGateways.run();
    expect(await reach(alone, both)).toEqual([
      { userId: alone, connections: 0, goneSince: died },
      { userId: both, connections: 0, goneSince: closed },
    ]);
  });

  it('counts a goodbye from when it was said', async () => {
    const user = newUserId();
    const gateway = fixture.gateway();
    await gateway.open(user, 'chat');
    fixture.pass(TTL);
    fixture.core.clearGateways.saidGoodbye(gateway.gatewayId);
    await fixture.core.clearGateways.run();
    expect(await reach(user)).toEqual([{ userId: user, connections: 0, goneSince: fixture.now }]);
  });

  it('leaves out whose shard has no owner', async () => {
    const users = Array.from({ length: 20 }, newUserId);
    const orphaned = users.filter((user) => shardOf(user) === shardOf(users[0] ?? ''));
    await sql`UPDATE shard_leases SET expires_at = now() - interval '1 second'
              WHERE shard = ${shardOf(users[0] ?? '')}`.execute(fixture.database.kysely);
    const known = (await reach(...users)).map(({ userId }) => userId);
    expect(known).toEqual(users.filter((user) => !orphaned.includes(user)));
  });
});

describe('the chosen status', () => {
  it('is told even of the invisible and of those who are not there', async () => {
    const user = newUserId();
    expect(await fixture.core.chosen.run(user)).toEqual({ ok: true, value: { status: 'online' } });
    await fixture.core.setStatus.run({ userId: user, status: 'dnd' });
    expect(await fixture.core.chosen.run(user)).toEqual({ ok: true, value: { status: 'dnd' } });
    await fixture.gateway().open(user);
    await fixture.core.setStatus.run({ userId: user, status: 'offline' });
    expect(await fixture.core.chosen.run(user)).toEqual({ ok: true, value: { status: 'offline' } });
  });
});

it('names the connection that came or chose a status in what others are told', async () => {
  const [user, by] = [newUserId(), newConnectionId()];
  await fixture.gateway().open(user);
  await fixture.core.setStatus.run({ userId: user, status: 'idle', by });
  await fixture.core.setStatus.run({ userId: user, status: 'dnd' });
  expect(await fixture.heardOf(user)).toMatchObject([{ status: 'online' }, { status: 'idle', by }, { status: 'dnd' }]);
  expect((await fixture.heardOf(user)).map((heard) => 'by' in heard)).toEqual([true, true, false]);
});
