import { newUserId, type ConnectionId, type ConnectionInfo, type UserId } from '@parley/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CoreFixture } from './test/core-fixture.js';
import { newConnection, type TestGateway } from './test/test-gateway.js';

let fixture: CoreFixture;
let gateways: readonly TestGateway[];
const users: readonly UserId[] = Array.from({ length: 20 }, newUserId);

beforeAll(async () => {
  fixture = await CoreFixture.start();
  gateways = [fixture.gateway(), fixture.gateway()];
  for (const [i, user] of users.entries()) {
    await gateways[i % 2]?.open(user, 'topics');
    if (i < 5) await gateways[1]?.open(user, 'chat');
  }
});
afterAll(() => fixture.stop());

it('looks users up in the order asked, the unknown too, each once', async () => {
  const stranger = newUserId();
  const [first = stranger, second = stranger] = users;
  const answer = await fixture.core.lookup.run([second, stranger, first, second]);
  if (!answer.ok) throw new Error(answer.error.message);
  expect(answer.value.presences.map(({ userId, status }) => [userId, status])).toEqual([
    [second, 'online'],
    [stranger, 'offline'],
    [first, 'online'],
  ]);
  expect(answer.value.presences[1]).toEqual({ userId: stranger, status: 'offline', lastSeen: 0, metadata: {} });
});

it('lists who is online, up to a limit, with the true total', async () => {
  const [some, all] = await Promise.all([fixture.core.online.run(7), fixture.core.online.run(1_000)]);
  if (!some.ok || !all.ok) throw new Error('refused');
  expect(some.value).toMatchObject({ total: 20 });
  expect(some.value.presences).toHaveLength(7);
  expect(new Set(all.value.presences.map(({ userId }) => userId))).toEqual(new Set(users));
});

it('does not list the invisible', async () => {
  const hidden = newUserId();
  await gateways[0]?.open(hidden);
  await fixture.core.setStatus.run({ userId: hidden, status: 'offline' });
  const answer = await fixture.core.online.run(1_000);
  if (!answer.ok) throw new Error(answer.error.message);
  expect(answer.value.presences.map(({ userId }) => userId)).not.toContain(hidden);
  expect(answer.value.total).toBe(20);
  const found = await fixture.core.listConnections.run({ userId: hidden, limit: 10 });
  if (found.ok) await gateways[0]?.close(...found.value.connections);
});

it('pages through connections by id, with the total of all pages', async () => {
  const seen: ConnectionInfo[] = [];
  let after: ConnectionId | undefined;
  for (;;) {
    const page = await fixture.core.listConnections.run({ limit: 10, ...(after === undefined ? {} : { after }) });
    if (!page.ok) throw new Error(page.error.message);
    expect(page.value.total).toBe(25);
    seen.push(...page.value.connections);
    after = page.value.connections.at(-1)?.connectionId;
    if (page.value.connections.length < 10) break;
  }
  const ids = seen.map(({ connectionId }) => connectionId);
  expect(ids).toEqual([...new Set(ids)].sort());
  expect(ids).toHaveLength(25);
});

it('filters connections by any of user, connection, gateway and dialect', async () => {
  const [one, two] = gateways;
  const user = users[0];
  if (one === undefined || two === undefined || user === undefined) throw new Error('not set up');
  const total = async (filter: Parameters<typeof fixture.core.listConnections.run>[0]): Promise<number> => {
    const answer = await fixture.core.listConnections.run(filter);
    return answer.ok ? answer.value.total : -1;
  };
  expect(await total({ userId: user, limit: 1 })).toBe(2);
  expect(await total({ dialect: 'chat', limit: 1 })).toBe(5);
  expect(await total({ gatewayId: one.gatewayId, limit: 100 })).toBe(10);
  expect(await total({ gatewayId: two.gatewayId, dialect: 'chat', userId: user, limit: 100 })).toBe(1);
  const connection = newConnection(user, 'party');
  await one.report([connection], []);
  const found = await fixture.core.listConnections.run({ connectionId: connection.connectionId, limit: 100 });
  expect(found).toEqual({
    ok: true,
    value: { total: 1, connections: [{ ...connection, gatewayId: one.gatewayId }] },
  });
});
