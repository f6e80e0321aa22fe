import { freshDatabase, startCluster, startPostgres, waitFor, type Cluster, type TestPostgres } from '@parley/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allDelivered, DirectLoad, expectDelivered } from './direct-load.js';
import { confirmedOn, expectOnceAndInOrder, expectOrderOf, hasAll, Load, roomy } from './load.js';
import { call, logIn, registerMany } from './people.js';
import { TopicsClient } from './topics-client.js';

const RECOVERY_MS = 20_000;

let postgres: TestPostgres;
let cluster: Cluster;
beforeAll(async () => {
  postgres = await startPostgres();
  const { url } = await freshDatabase(postgres.url);
  cluster = await startCluster({ databaseUrl: url, env: roomy });
});
afterAll(async () => {
  await cluster.stop();
  await postgres.stop();
});

test('Postgres killed and restarted: sockets and broadcasts go on, what needs it says 503, and then works again', async () => {
  const { url, wsUrl, probesUrl } = cluster.gateway(1);
  const [sender, online, offline] = await registerMany(url, 3);
  if (sender === undefined || online === undefined || offline === undefined) throw new Error('too few');
  const connect = (token: string) => TopicsClient.connect(wsUrl, token);
  const receiver = await connect(online.token);
  const listener = await connect(online.token);
  await listener.subscribe(['load.a']);
  const broadcasts = new Load(await connect(sender.token), { name: 'on', topics: ['load.a'], window: 4 });
  const directs = [
    new DirectLoad(await connect(sender.token), online),
    new DirectLoad(await connect(sender.token), offline),
  ];
  await waitFor(() => directs.every(({ count }) => count >= 10), 'direct messages');

  await postgres.kill('SIGKILL');
  await waitFor(() => directs.every(({ refused }) => refused.has(503)), 'direct messages to be refused', RECOVERY_MS);
  const before = broadcasts.count;
  await waitFor(() => broadcasts.count >= before + 100, 'broadcasts without a database', 10_000);
  expect((await fetch(`${probesUrl}/livez`)).status).toBe(200);
  expect((await fetch(`${cluster.process('messaging').probesUrl}/livez`)).status).toBe(200);
  const login = await call('POST', `${url}/auth/login`, '', { username: sender.username, password: 'correct or not' });
  expect(login.status).toBe(503);
  expect(await login.json()).toMatchObject({ code: 'unavailable' });
  // A token is proof enough to come in: nobody is asked.
  const late = await connect(offline.token);
  await late.must('Ping', { timestamp: 1 });

  await postgres.restart();
  const goals = directs.map((load) => ({ load, goal: load.count + 10 }));
  await waitFor(() => goals.every(({ load, goal }) => load.count >= goal), 'direct messages again', RECOVERY_MS);
  await waitFor(() => logIn(url, sender), 'a login again', RECOVERY_MS);
  await Promise.all([broadcasts, ...directs].map((load) => load.stop()));

  expect([...broadcasts.refused]).toEqual([]);
  await waitFor(() => hasAll(listener.broadcasts, confirmedOn([broadcasts], ['load.a'])), 'every broadcast');
  expectOnceAndInOrder(listener.broadcasts);
  expectOrderOf(broadcasts, 'load.a', listener.broadcasts);
  for (const [index, load] of directs.entries()) {
    const clients = index === 0 ? [receiver, listener] : [late];
    await allDelivered(load, clients, 40_000);
    expectDelivered(load, clients);
    expect([...load.refused.keys()]).toEqual([503]);
  }
  expect(late.open && listener.open && receiver.open).toBe(true);
}, 120_000);
