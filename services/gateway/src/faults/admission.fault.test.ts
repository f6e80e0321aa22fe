import { startCluster, waitFor, within, type Cluster } from '@parley/testing';
import { connect } from 'node:net';
import type { ClientOptions } from 'ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metric } from './metrics.js';
import { register } from './people.js';
import { RefusedUpgrade, TopicsClient } from './topics-client.js';

const PER_POD = 5;
const PER_ADDRESS = 3;
const PER_SECOND = 10;
const PER_USER = 4;
const LOGIN_DEADLINE_MS = 1_000;
const PRELOGIN_BYTES = 4_096;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({
    gateways: 4,
    env: { PARLEY_LOG_LEVEL: 'warn', PARLEY_USER_CONNECTIONS_MAX: String(PER_USER) },
    envOf: {
      'gateway-1': { PARLEY_GATEWAY_CONNECTIONS_MAX: String(PER_POD) },
      'gateway-2': { PARLEY_GATEWAY_CONNECTIONS_PER_ADDRESS_MAX: String(PER_ADDRESS), PARLEY_TRUSTED_PROXIES: '1' },
      'gateway-3': { PARLEY_GATEWAY_HANDSHAKES_PER_SECOND: String(PER_SECOND) },
      'gateway-4': {
        PARLEY_GATEWAY_LOGIN_DEADLINE_MS: String(LOGIN_DEADLINE_MS),
        PARLEY_GATEWAY_PRELOGIN_BYTES_MAX: String(PRELOGIN_BYTES),
      },
    },
  });
});
afterAll(() => cluster.stop());

/** A socket, or why there is none. */
async function attempt(
  gateway: number,
  token: string,
  options?: ClientOptions,
): Promise<TopicsClient | RefusedUpgrade> {
  try {
    return await TopicsClient.connect(cluster.gateway(gateway).wsUrl, token, options);
  } catch (error) {
    if (error instanceof RefusedUpgrade) return error;
    throw error;
  }
}

function refusedWith(outcome: TopicsClient | RefusedUpgrade): RefusedUpgrade {
  if (outcome instanceof RefusedUpgrade) return outcome;
  throw new Error('was let in');
}

/** A client per user, so that only the limit under test counts. */
async function newcomers(gateway: number, count: number, options?: ClientOptions) {
  return Promise.all(
    Array.from({ length: count }, async () =>
      attempt(gateway, (await register(cluster.gateway(4).url)).token, options),
    ),
  );
}

const isIn = (outcome: TopicsClient | RefusedUpgrade): outcome is TopicsClient => outcome instanceof TopicsClient;

test('a full gateway is not ready and answers upgrades with 503 and Retry-After, until someone leaves', async () => {
  const { url } = cluster.gateway(1);
  const clients = (await newcomers(1, PER_POD)).filter(isIn);
  expect(clients).toHaveLength(PER_POD);
  const ready = async () => (await fetch(`${url}/readyz`)).status;
  expect(await ready()).toBe(503);
  const { token } = await register(url);
  const { status, retryAfter } = refusedWith(await attempt(1, token));
  expect([status, Number(retryAfter) > 0]).toEqual([503, true]);
  await clients[0]?.close();
  await waitFor(async () => (await ready()) === 200, 'readiness');
  expect(isIn(await attempt(1, token))).toBe(true);
});

test('an address has its share, whatever it claims; other addresses are not concerned', async () => {
  const from = (chain: string) => ({ headers: { 'X-Forwarded-For': chain } });
  const clients = (await newcomers(2, PER_ADDRESS, from('203.0.113.7'))).filter(isIn);
  expect(clients).toHaveLength(PER_ADDRESS);
  for (const chain of ['203.0.113.7', '198.51.100.1, 203.0.113.7']) {
    const [refused] = await newcomers(2, 1, from(chain));
    expect(refused).toMatchObject({ status: 429 });
  }
  const [other] = await newcomers(2, 1, from('203.0.113.8'));
  expect(other).toBeInstanceOf(TopicsClient);
  await clients[0]?.close();
  const freed = async () => (await newcomers(2, 1, from('203.0.113.7'))).some(isIn);
  await waitFor(freed, 'the seat to be free');
});

test('a user has so many connections on all gateways together', async () => {
  const { token } = await register(cluster.gateway(4).url);
  const clients = [];
  for (let index = 0; index < PER_USER; index++) {
    clients.push(await TopicsClient.connect(cluster.gateway(index % 2 === 0 ? 3 : 4).wsUrl, token));
  }
  for (const gateway of [3, 4]) {
    const extra = await TopicsClient.dial(cluster.gateway(gateway).wsUrl, token);
    const { code, reason } = await within(5_000, 'the refusal', extra.closed);
    expect([code, reason]).toEqual([1008, 'too many connections']);
    expect(extra.others).toMatchObject([{ type: 'Error', data: { code: 429 } }]);
    expect(extra.others[0]?.data['details']).toHaveProperty('retry_after_ms');
  }
  for (const client of clients) await client.must('Ping', { timestamp: 1 });
  await clients[0]?.close();
  await waitFor(() => TopicsClient.connect(cluster.gateway(4).wsUrl, token), 'the place to be free');
});

test('beyond its handshakes per second a gateway answers 503 with Retry-After, and takes more when the second is over', async () => {
  const { url, wsUrl, probesUrl } = cluster.gateway(3);
  const people = await Promise.all(Array.from({ length: 4 * PER_SECOND }, () => register(url)));
  const startedAt = performance.now();
  const outcomes = await Promise.all(people.map(({ token }) => attempt(3, token)));
  const seconds = (performance.now() - startedAt) / 1_000;
  const inside = outcomes.filter(isIn);
  const refused = outcomes.filter((outcome) => outcome instanceof RefusedUpgrade);
  expect(inside.length).toBeGreaterThan(0);
  expect(inside.length).toBeLessThanOrEqual(PER_SECOND + Math.ceil(seconds * PER_SECOND));
  expect(refused.length).toBeGreaterThan(0);
  for (const { status, retryAfter } of refused) expect([status, retryAfter]).toEqual([503, '1']);
  expect(await metric(probesUrl, 'parley_handshakes_refused_total', { reason: 'rate_limited' })).toBe(refused.length);
  for (const client of inside) await client.must('Ping', { timestamp: 1 });
  await waitFor(() => TopicsClient.connect(wsUrl, people[0]?.token ?? ''), 'room for one more');
});

test('an upgrade that does not arrive in time, or is too long, is ended; it holds no place', async () => {
  const { ports, probesUrl } = cluster.gateway(4);
  const before = await metric(probesUrl, 'parley_connections_opened_total');
  const ended = async (first: string, drip: string): Promise<string> => {
    const socket = connect(ports[0], '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    // A drip that meets the end is answered with a reset: an error, then the close. `once` would fail of the error.
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(first);
    const dripping = setInterval(() => socket.write(drip), 50);
    await within(LOGIN_DEADLINE_MS + 10_000, 'the end of a dribbling client', closed);
    clearInterval(dripping);
    return answer;
  };
  const request = 'GET /ws/topics HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
  expect(await ended(request, 'X')).toMatch(/^HTTP\/1\.1 408 /);
  expect(await ended('', '')).toMatch(/^HTTP\/1\.1 408 |^$/);
  // Closed on bytes that it has not read, the server resets the connection, which may overtake its answer.
  expect(await ended(`${request}X-Long: ${'x'.repeat(70_000)}`, 'x')).toMatch(/^HTTP\/1\.1 431 |^$/);
  expect(await metric(probesUrl, 'parley_connections_opened_total')).toBe(before);
});

test('before its login is decided, a connection has little time and may send little', async () => {
  const { wsUrl } = cluster.gateway(4);
  const auth = cluster.process('auth').child;
  // A token by an unknown key makes the gateway ask for keys, which it does not get while auth is held.
  const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'not-known' })).toString('base64url');
  const token = `${header}.e30.c2ln`;
  auth.signal('SIGSTOP');
  try {
    // Keys are asked for once in a while only; until then such a token is refused at once.
    const silent = await waitFor(
      async () => {
        const [flooding, waiting] = [await TopicsClient.dial(wsUrl, token), await TopicsClient.dial(wsUrl, token)];
        for (let sent = 0; sent <= PRELOGIN_BYTES; sent += 1_000) flooding.send('x'.repeat(1_000));
        const { code, reason } = await within(5_000, 'the end of who sends too much', flooding.closed);
        expect([code, reason]).toEqual([1008, expect.stringMatching(/^(too many messages|unauthorized)$/)]);
        return reason === 'too many messages' && waiting;
      },
      'one who sends too much while its login is not decided',
      30_000,
    );
    expect(await within(5_000, 'the end of who waits', silent.closed)).toMatchObject({
      code: 1008,
      reason: 'login timeout',
    });
  } finally {
    auth.signal('SIGCONT');
  }
});
