import { newConnectionId, newUserId, type UserId } from '@parley/contracts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CoreFixture } from './test/core-fixture.js';
import { newConnection } from './test/test-gateway.js';

const GRACE = 5_000;
let fixture: CoreFixture;

beforeEach(async () => {
  fixture = await CoreFixture.start();
});
afterEach(() => fixture.stop());

async function connectionsOf(userId: UserId): Promise<readonly string[]> {
  const answer = await fixture.core.listConnections.run({ userId, limit: 100 });
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value.connections.map(({ connectionId }) => connectionId);
}

it('takes its place before anybody is counted; the other’s gateway is told, and nobody sees a change', async () => {
  const user = newUserId();
  const [one, two] = [fixture.gateway(), fixture.gateway()];
  const old = [];
  for (let i = 0; i < 5; i++) old.push(await one.open(user, 'collab'));
  const replaces = old[2]?.connectionId ?? newConnectionId();
  const next = await two.open(user, 'collab', { replaces });
  expect(await connectionsOf(user)).toHaveLength(5);
  expect(await connectionsOf(user)).toContain(next.connectionId);
  expect(await connectionsOf(user)).not.toContain(replaces);
  expect(await fixture.toldToEnd(user)).toEqual([{ to: one.gatewayId, connectionId: replaces }]);
  await fixture.sweepAfter(2 * GRACE);
  expect((await fixture.heardOf(user)).map(({ status }) => status)).toEqual(['online']);
  // The old gateway reports the end that it was told to make.
  await one.close({ userId: user, connectionId: replaces });
  expect(await connectionsOf(user)).toHaveLength(5);
});

it('only of the same user', async () => {
  const [user, other] = [newUserId(), newUserId()];
  const gateway = fixture.gateway();
  const theirs = await gateway.open(other, 'collab');
  await gateway.open(user, 'collab', { replaces: theirs.connectionId });
  expect(await connectionsOf(other)).toEqual([theirs.connectionId]);
  expect(await fixture.toldToEnd(user)).toEqual([]);
});

it('is said once, however often the report is repeated', async () => {
  const user = newUserId();
  const gateway = fixture.gateway();
  const old = await gateway.open(user, 'collab');
  const next = { ...newConnection(user, 'collab'), replaces: old.connectionId };
  await gateway.report([next], []);
  await gateway.report([next], []);
  expect(await connectionsOf(user)).toEqual([next.connectionId]);
  expect(await fixture.toldToEnd(user)).toHaveLength(1);
});

it('also one that is reported together with it', async () => {
  const user = newUserId();
  const gateway = fixture.gateway();
  const old = newConnection(user, 'collab');
  const next = { ...newConnection(user, 'collab'), replaces: old.connectionId };
  expect((await gateway.report([old, next], [])).refused).toEqual([]);
  expect(await connectionsOf(user)).toEqual([next.connectionId]);
  expect(await fixture.toldToEnd(user)).toEqual([{ to: gateway.gatewayId, connectionId: old.connectionId }]);
});

it('what is gone already is nothing to replace', async () => {
  const user = newUserId();
  const gateway = fixture.gateway();
  const next = await gateway.open(user, 'collab', { replaces: newConnectionId() });
  expect(await connectionsOf(user)).toEqual([next.connectionId]);
  expect(await fixture.toldToEnd(user)).toEqual([]);
});
