import { newConnectionId, newUserId, shardOf, type ConnectionId, type UserId } from '@parley/contracts';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CoreFixture } from './test/core-fixture.js';

let fixture: CoreFixture;

beforeAll(async () => {
  fixture = await CoreFixture.start();
});
afterAll(() => fixture.stop());

async function gone(...asked: { userId: UserId; connectionId: ConnectionId }[]): Promise<readonly ConnectionId[]> {
  const answer = await fixture.core.alive.run(asked);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value.gone;
}

it('tells which connections are gone, of guests too', async () => {
  const gateway = fixture.gateway();
  const open = await gateway.open(newUserId(), 'collab');
  const guest = await gateway.open(newUserId(), 'watch', { guest: true });
  const closed = await gateway.open(newUserId(), 'collab');
  await gateway.close(closed);
  const never = { userId: newUserId(), connectionId: newConnectionId() };
  expect(new Set(await gone(open, guest, closed, never, never))).toEqual(
    new Set([closed.connectionId, never.connectionId]),
  );
  expect(await gone()).toEqual([]);
});

it('says nothing of those whose shard has no owner', async () => {
  const [known, unknown] = [newUserId(), newUserId()].map((userId) => ({ userId, connectionId: newConnectionId() }));
  if (known === undefined || unknown === undefined) throw new Error('never');
  await sql`UPDATE shard_leases SET expires_at = now() - interval '1 second'
            WHERE shard = ${shardOf(unknown.userId)}`.execute(fixture.database.kysely);
  const expected = shardOf(known.userId) === shardOf(unknown.userId) ? [] : [known.connectionId];
  expect(await gone(known, unknown)).toEqual(expected);
});
