import { startCluster, waitFor, within, type Cluster } from '@parley/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { confirmedOn, expectOnceAndInOrder, expectOrderOf, hasAll, Load, roomy } from './load.js';
import { registerMany } from './people.js';
import { RefusedUpgrade, TopicsClient } from './topics-client.js';

const CONNECTIONS = 300;
const USERS = 10;
const DRAIN_SECONDS = 2;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({
    gateways: 2,
    env: { ...roomy, PARLEY_USER_CONNECTIONS_MAX: '100' },
    envOf: { 'gateway-1': { PARLEY_DRAIN_SECONDS: String(DRAIN_SECONDS) } },
  });
});
afterAll(() => cluster.stop());

/** What a newcomer is told; undefined when there is nobody to say it any more. */
async function refusal(url: string, token: string): Promise<RefusedUpgrade | 'let in' | undefined> {
  try {
    await TopicsClient.dial(url, token);
    return 'let in';
  } catch (error) {
    return error instanceof RefusedUpgrade ? error : undefined;
  }
}

test('SIGTERM with 300 connections: unready, newcomers sent away with 503, all closed with 1001 bit by bit, exit 0', async () => {
  const [one, two] = [cluster.gateway(1), cluster.gateway(2)];
  const people = await registerMany(one.url, USERS);
  const [somebody] = people;
  if (somebody === undefined) throw new Error('nobody');
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, index) =>
      TopicsClient.connect(one.wsUrl, people[index % USERS]?.token ?? ''),
    ),
  );
  const [last] = clients.slice(-1);
  if (last === undefined) throw new Error('no connections');
  const bystander = await TopicsClient.connect(two.wsUrl, somebody.token);
  await bystander.subscribe(['load.a']);
  const load = new Load(await TopicsClient.connect(two.wsUrl, somebody.token), {
    name: 'on',
    topics: ['load.a'],
    window: 4,
  });
  await waitFor(() => load.count >= 20, 'broadcasts');

  const before = clients.filter(({ open }) => open).length;
  expect(before).toBe(CONNECTIONS);
  one.child.signal('SIGTERM');
  const notReady = await waitFor(async () => {
    const { status } = await fetch(`${one.url}/readyz`);
    return status === 503 ? clients.filter(({ open }) => open).length : undefined;
  }, 'readiness to be off');
  expect(notReady, 'readiness goes before the sockets').toBeGreaterThan(CONNECTIONS / 2);
  expect((await fetch(`${one.probesUrl}/livez`)).status).toBe(200);

  // One attempt after the other, and how many sockets had been closed at the end of each.
  const steps: number[] = [];
  const refusals: RefusedUpgrade[] = [];
  while (clients.some(({ open }) => open)) {
    const told = await refusal(one.wsUrl, somebody.token);
    expect(told).not.toBe('let in');
    if (told instanceof RefusedUpgrade) refusals.push(told);
    const closed = clients.filter(({ open }) => !open).length;
    if (closed > (steps.at(-1) ?? 0)) steps.push(closed);
  }
  expect(refusals.length).toBeGreaterThan(5);
  for (const { status, retryAfter } of refusals) {
    expect(status).toBe(503);
    expect(Number(retryAfter)).toBeGreaterThan(0);
  }
  for (const client of clients) expect((await client.closed).code).toBe(1001);
  expect(steps.length, `closed step by step: ${steps.join(' ')}`).toBeGreaterThanOrEqual(8);
  for (const [index, closed] of steps.entries()) {
    expect(closed - (steps[index - 1] ?? 0), 'at once').toBeLessThan(CONNECTIONS / 2);
  }
  expect(await within(10_000, 'the end', one.child.exited)).toEqual({ code: 0, signal: null });

  await load.stop();
  const all = confirmedOn([load], ['load.a']);
  await waitFor(() => hasAll(bystander.broadcasts, all), 'every broadcast');
  expectOnceAndInOrder(bystander.broadcasts);
  expectOrderOf(load, 'load.a', bystander.broadcasts);
  expect([...load.refused]).toEqual([]);
}, 90_000);
