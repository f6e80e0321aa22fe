import {
  road,
  startCluster,
  startNats,
  waitFor,
  within,
  type Cluster,
  type Road,
  type TestNats,
} from '@parley/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, logIn, PASSWORD, register, type Person } from './people.js';
import { TopicsClient } from './topics-client.js';

const REVOKED_WITHIN_MS = 2_000;
/** Restarts and reconnects come before it. */
const AFTER_RECONNECT_MS = 10_000;

let nats: TestNats;
let link: Road;
let cluster: Cluster;
beforeAll(async () => {
  nats = await startNats();
  link = await road(nats.port);
  cluster = await startCluster({
    gateways: 2,
    natsUrl: nats.url,
    env: { PARLEY_LOG_LEVEL: 'warn' },
    envOf: { 'gateway-2': { PARLEY_NATS_URL: `nats://127.0.0.1:${String(link.port)}` } },
  });
});
afterAll(async () => {
  await cluster.stop();
  await link.close();
  await nats.stop();
});

/** Two sockets of one login, one on each gateway. */
function onBoth({ token }: Person): Promise<TopicsClient[]> {
  return Promise.all(cluster.gateways.map(({ wsUrl }) => TopicsClient.connect(wsUrl, token)));
}

async function expectRevoked(clients: readonly TopicsClient[], boundMs: number): Promise<void> {
  for (const client of clients) {
    const { code, reason } = await within(boundMs, 'the end of a revoked socket', client.closed);
    expect([code, reason]).toEqual([1008, 'login revoked']);
    expect(client.others.at(-1)).toMatchObject({ type: 'Error', data: { code: 401 } });
  }
}

async function expectTokenRefused(url: string, { token }: Person): Promise<void> {
  const client = await TopicsClient.dial(url, token);
  expect((await within(5_000, 'the refusal', client.closed)).code).toBe(1008);
}

async function twoLogins(): Promise<{ first: Person; second: Person; mine: TopicsClient[]; others: TopicsClient[] }> {
  const first = await register(cluster.gateway(1).url);
  const second = await logIn(cluster.gateway(1).url, first);
  return { first, second, mine: await onBoth(first), others: await onBoth(second) };
}

test('logout closes the sockets of that login on every gateway within 2 s, and no others', async () => {
  const { first, mine, others } = await twoLogins();
  const { status } = await call('POST', `${cluster.gateway(1).url}/auth/logout`, first.token);
  expect(status).toBe(204);
  await expectRevoked(mine, REVOKED_WITHIN_MS);
  for (const gateway of cluster.gateways) await expectTokenRefused(gateway.wsUrl, first);
  for (const client of others) await client.must('Ping', { timestamp: 1 });
});

test('a changed password closes the sockets of all other logins within 2 s', async () => {
  const { first, second, mine, others } = await twoLogins();
  const body = { password: 'another good passphrase', current_password: PASSWORD };
  const response = await call('PATCH', `${cluster.gateway(2).url}/users/@me`, first.token, body);
  expect(response.status, await response.text()).toBe(200);
  await expectRevoked(others, REVOKED_WITHIN_MS);
  await expectTokenRefused(cluster.gateway(1).wsUrl, second);
  for (const client of mine) await client.must('Ping', { timestamp: 1 });
});

test('an operator ends every login of a user within 2 s', async () => {
  const { first, mine, others } = await twoLogins();
  const response = await call('POST', `${cluster.gateway(1).url}/admin/users/${first.id}/revoke`, cluster.apiKey);
  expect(response.status).toBe(200);
  await expectRevoked([...mine, ...others], REVOKED_WITHIN_MS);
});

test('a gateway that was cut off when it happened closes them when it is back', async () => {
  const { first, mine, others } = await twoLogins();
  const [near, far] = mine;
  if (near === undefined || far === undefined) throw new Error('no sockets');
  link.cut();
  const { status } = await call('POST', `${cluster.gateway(1).url}/auth/logout`, first.token);
  expect(status).toBe(204);
  await expectRevoked([near], REVOKED_WITHIN_MS);
  expect(far.open, 'it cannot know yet').toBe(true);
  link.mend();
  await expectRevoked([far], AFTER_RECONNECT_MS);
  await expectTokenRefused(cluster.gateway(2).wsUrl, first);
  for (const client of others) await client.must('Ping', { timestamp: 1 });
});

test('NATS killed while logins end: whatever was answered 204 closes sockets when it is back', async () => {
  const logins = await Promise.all(Array.from({ length: 6 }, () => register(cluster.gateway(1).url)));
  const sockets = await Promise.all(logins.map(onBoth));
  const url = `${cluster.gateway(1).url}/auth/logout`;
  const first = logins.map(({ token }) => call('POST', url, token));
  await nats.kill('SIGKILL');
  const early = (await Promise.all(first)).map(({ status }) => status);
  expect(early.filter((status) => ![204, 503, 504].includes(status))).toEqual([]);
  await nats.restart();
  // A logout that was carried out, though its answer was lost, has made the token worthless: 401 then.
  await waitFor(
    async () => {
      const again = await Promise.all(logins.map(({ token }) => call('POST', url, token)));
      return again.every(({ status }) => status === 204 || status === 401);
    },
    'every logout to be accepted',
    AFTER_RECONNECT_MS,
  );
  await expectRevoked(sockets.flat(), AFTER_RECONNECT_MS);
});
