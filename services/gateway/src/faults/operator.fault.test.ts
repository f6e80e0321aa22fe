import { startCluster, waitFor, within, type Cluster } from '@parley/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, register, type Person } from './people.js';
import { TopicsClient } from './topics-client.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, env: { PARLEY_LOG_LEVEL: 'warn' } });
});
afterAll(() => cluster.stop());

async function asked(path: string): Promise<Record<string, unknown>> {
  const response = await call('GET', `${cluster.gateway(2).url}/admin/${path}`, cluster.apiKey);
  const answer: unknown = await response.json();
  if (!response.ok || !isRecord(answer)) throw new Error(`${path}: ${String(response.status)}`);
  return answer;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function records(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

async function trailOf({ id }: Person): Promise<readonly Record<string, unknown>[]> {
  const { entries, unheard } = await asked(`users/${id}/trail`);
  expect(unheard).toEqual([]);
  return records(entries);
}

async function gatewayIds(): Promise<readonly unknown[]> {
  return records((await asked('stats'))['gateways']).map((gateway) => gateway['gateway_id']);
}

test('a user’s trail tells of connections on all gateways, also of those that are over, and of moves', async () => {
  const ada = await register(cluster.gateway(1).url);
  const first = await TopicsClient.connect(cluster.gateway(1).wsUrl, ada.token);
  await waitFor(async () => (await trailOf(ada)).length === 2, 'the first login');
  const [login] = await trailOf(ada);
  const path = `${cluster.gateway(2).url}/admin/connections/${String(login?.['connection_id'])}`;
  // Presence may hear of the connection a moment after its login.
  await waitFor(async () => (await call('DELETE', path, cluster.apiKey)).status === 204, 'the connection to be found');
  const { code } = await within(5_000, 'the end', first.closed);
  const second = await TopicsClient.connect(cluster.gateway(2).wsUrl, ada.token);
  await second.close();
  await waitFor(async () => (await trailOf(ada)).length === 6, 'all of it');
  const trail = await trailOf(ada);
  expect(trail.map(({ what, reason }) => [what, reason])).toEqual([
    ['closed', 'client'],
    ['logged_in', undefined],
    ['connected', undefined],
    ['closed', 'disconnected'],
    ['logged_in', undefined],
    ['connected', undefined],
  ]);
  const [, moved, arrived, cut, stayed] = trail;
  expect(await gatewayIds()).toEqual(expect.arrayContaining([moved?.['gateway_id'], stayed?.['gateway_id']]));
  expect(moved?.['gateway_id']).not.toBe(stayed?.['gateway_id']);
  expect([moved?.['moved_from'], stayed?.['moved_from']]).toEqual([stayed?.['gateway_id'], undefined]);
  expect([arrived?.['address'], cut?.['code']]).toEqual([expect.any(String), code]);
  expect(trail.every((entry) => entry['dialect'] === 'topics')).toBe(true);
});

test('a revocation is in it, and nobody else’s', async () => {
  const [ben, eve] = [await register(cluster.gateway(1).url), await register(cluster.gateway(1).url)];
  const client = await TopicsClient.connect(cluster.gateway(2).wsUrl, ben.token);
  await call('POST', `${cluster.gateway(1).url}/admin/users/${ben.id}/revoke`, cluster.apiKey);
  const { code } = await within(5_000, 'the end', client.closed);
  await waitFor(async () => (await trailOf(ben)).length === 3, 'the close');
  expect((await trailOf(ben))[0]).toMatchObject({ what: 'closed', code, reason: 'revoked', dialect: 'topics' });
  expect(await trailOf(eve)).toEqual([]);
});

test('stats count what goes through each gateway, by dialect', async () => {
  const ada = await register(cluster.gateway(1).url);
  const traffic = async (): Promise<readonly Record<string, unknown>[]> => {
    const { gateways } = await asked('stats');
    return records(gateways).flatMap(({ traffic: counted }) => (isRecord(counted) ? records(counted['dialects']) : []));
  };
  const sum = (rows: readonly Record<string, unknown>[], name: string): number =>
    rows.filter(({ dialect }) => dialect === 'topics').reduce((total, row) => total + Number(row[name]), 0);
  const before = await traffic();
  expect(before.map(({ dialect }) => dialect).sort()).toEqual([
    'chat',
    'chat',
    'collab',
    'collab',
    'party',
    'party',
    'topics',
    'topics',
    'watch',
    'watch',
  ]);
  const clients = await Promise.all(cluster.gateways.map(({ wsUrl }) => TopicsClient.connect(wsUrl, ada.token)));
  for (let times = 0; times < 10; times++) for (const client of clients) await client.must('Ping', { timestamp: 1 });
  const after = await traffic();
  expect(sum(after, 'connections') - sum(before, 'connections')).toBe(2);
  expect(sum(after, 'frames_received') - sum(before, 'frames_received')).toBeGreaterThanOrEqual(20);
  expect(sum(after, 'frames_sent') - sum(before, 'frames_sent')).toBeGreaterThanOrEqual(20);
  expect(sum(after, 'bytes_sent')).toBeGreaterThan(sum(before, 'bytes_sent'));
  for (const client of clients) await client.close();
});

test('only operators are told, and only of users', async () => {
  const ada = await register(cluster.gateway(1).url);
  const at = (id: string): string => `${cluster.gateway(1).url}/admin/users/${id}/trail`;
  expect((await call('GET', at(ada.id), ada.token)).status).toBe(401);
  expect((await call('GET', `${cluster.gateway(1).url}/admin/stats`, ada.token)).status).toBe(401);
  expect((await call('GET', at('nobody'), cluster.apiKey)).status).toBe(404);
  expect((await call('GET', `${at(ada.id)}?limit=0`, cluster.apiKey)).status).toBe(400);
});

test('people find each other by name and by id, and learn nothing but the name', async () => {
  const [ada, ben] = [await register(cluster.gateway(1).url), await register(cluster.gateway(1).url)];
  const find = (key: string, token = ''): Promise<Response> =>
    call('GET', `${cluster.gateway(2).url}/users/${key}`, token);
  for (const key of [ben.username, ben.id]) {
    expect(await (await find(key, ada.token)).json()).toEqual({ id: ben.id, username: ben.username, avatar_url: null });
  }
  expect((await find('nobody_of_that_name', ada.token)).status).toBe(404);
  expect((await find(ada.id.replace(/.$/, 'f').replace(/^./, '0'), ada.token)).status).toBe(404);
  expect((await find(ben.username)).status).toBe(401);
  expect(await (await find('@me', ada.token)).json()).toMatchObject({ id: ada.id, email: null });
});
