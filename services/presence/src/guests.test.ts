import { newUserId, type UserId } from '@parley/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CoreFixture } from './test/core-fixture.js';
import { newConnection } from './test/test-gateway.js';

const GRACE = 5_000;
let fixture: CoreFixture;

beforeAll(async () => {
  fixture = await CoreFixture.start({ PARLEY_USER_CONNECTIONS_MAX: '2' });
});
afterAll(() => fixture.stop());

async function listed(userId: UserId) {
  const answer = await fixture.core.listConnections.run({ userId, limit: 10 });
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value.connections;
}

it('are listed and counted as others are', async () => {
  const guest = newUserId();
  const gateway = fixture.gateway();
  const opened = await gateway.open(guest, 'watch', { guest: true });
  expect(await listed(guest)).toEqual([{ ...opened, gatewayId: gateway.gatewayId }]);
  await gateway.open(guest, 'watch', { guest: true });
  const third = { ...newConnection(guest, 'watch'), guest: true } as const;
  expect((await gateway.report([third], [])).refused).toEqual([third.connectionId]);
});

it('nobody hears or sees, whether they come, go or are lost', async () => {
  const [guest, lost, user] = [newUserId(), newUserId(), newUserId()];
  const [gateway, dying] = [fixture.gateway(), fixture.gateway()];
  const connection = await gateway.open(guest, 'watch', { guest: true });
  await dying.open(lost, 'watch', { guest: true });
  await gateway.open(user);
  expect(await fixture.core.lookup.run([guest])).toMatchObject({
    ok: true,
    value: { presences: [{ status: 'offline' }] },
  });
  const online = await fixture.core.online.run(1_000);
  expect(online.ok && online.value.presences.map(({ userId }) => userId)).toEqual([user]);
  await gateway.close(connection);
  fixture.living.delete(dying.gatewayId);
  fixture.core.clearGateways.lost(dying.gatewayId, false);
  await fixture.core.clearGateways.run();
  await fixture.sweepAfter(2 * GRACE);
  for (const nobody of [guest, lost]) {
    expect(await listed(nobody)).toEqual([]);
    expect(await fixture.heardOf(nobody)).toEqual([]);
  }
  expect((await fixture.heardOf(user)).map(({ status }) => status)).toEqual(['online']);
});

it('leave nothing behind', async () => {
  const guest = newUserId();
  const gateway = fixture.gateway();
  await gateway.close(await gateway.open(guest, 'watch', { guest: true }));
  const { kysely } = fixture.database;
  for (const table of ['users', 'departures', 'connections'] as const) {
    const rows = await kysely.selectFrom(table).select('user_id').where('user_id', '=', guest).execute();
    expect(rows).toEqual([]);
  }
});
