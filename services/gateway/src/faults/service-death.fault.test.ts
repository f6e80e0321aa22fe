import { startCluster, waitFor, type Cluster } from '@parley/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allDelivered, DirectLoad, expectDelivered } from './direct-load.js';
import { confirmedOn, expectOnceAndInOrder, hasAll, Load, roomy } from './load.js';
import { call, logIn, register, registerMany } from './people.js';
import { TopicsClient } from './topics-client.js';

/** A shard's lease lasts 6 s; its next owner has to notice and take over. */
const RECOVERY_MS = 15_000;
const KILLS = ['messaging', 'messaging-2'];
/** Waiting messages that a connection takes at once. */
const PAGE = 50;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, services: { auth: 2, presence: 2, messaging: 2 }, env: roomy });
});
afterAll(() => cluster.stop());

test('messaging killed under load: accepted direct messages arrive, queued ones too; broadcasts go on', async () => {
  const [one, two] = [cluster.gateway(1), cluster.gateway(2)];
  const [sender, ...people] = await registerMany(one.url, 13);
  if (sender === undefined) throw new Error('nobody');
  const present = people.slice(0, 8);
  const absent = people.slice(8);
  const receivers = new Map(
    await Promise.all(present.map(async (one) => [one, await TopicsClient.connect(two.wsUrl, one.token)] as const)),
  );
  const listener = await TopicsClient.connect(two.wsUrl, sender.token);
  await listener.subscribe(['load.a']);
  const speaker = await TopicsClient.connect(one.wsUrl, sender.token);
  const broadcasts = new Load(speaker, { name: 'topic', topics: ['load.a'], window: 2, insist: true });
  // Each recipient is written to by a connection of its own, so that one shard's recovery holds up no other.
  const loads = await Promise.all(
    people.map(async (person) => new DirectLoad(await TopicsClient.connect(one.wsUrl, sender.token), person)),
  );
  const progress = async (what: string): Promise<void> => {
    const goals = [...loads, broadcasts].map((load) => ({ load, goal: load.count + 15 }));
    await waitFor(() => goals.every(({ load, goal }) => load.count >= goal), what, RECOVERY_MS);
  };
  await progress('everyone to be written to');
  for (const name of KILLS) {
    await cluster.kill(name);
    await progress(`everyone to be written to without ${name}`);
    await cluster.restart(name);
  }
  await progress('everyone to be written to afterwards');
  await Promise.all([...loads, broadcasts].map((load) => load.stop()));

  for (const load of loads) expect([...load.refused.keys()].filter((code) => code !== 503)).toEqual([]);
  expect([...broadcasts.refused.keys()].filter((code) => code !== 503)).toEqual([]);
  const topic = confirmedOn([broadcasts], ['load.a']);
  await waitFor(() => hasAll(listener.broadcasts, topic), 'all broadcasts', 10_000);
  expectOnceAndInOrder(listener.broadcasts);

  for (const load of loads) {
    const receiver = receivers.get(load.target) ?? (await TopicsClient.connect(two.wsUrl, load.target.token));
    await allDelivered(load, [receiver], RECOVERY_MS + 30_000);
    if (absent.includes(load.target)) expect(load.queued).toBe(load.count);
    // One crash leaves one message of a recipient, or one page of a queue, between being written and being noted.
    expect(expectDelivered(load, [receiver])).toBeLessThanOrEqual(KILLS.length * PAGE);
  }
}, 120_000);

test('presence killed: sockets are let in, others are seen to come and go, errors are 503', async () => {
  const [one, two] = [cluster.gateway(1), cluster.gateway(2)];
  const [watching, other, third] = await registerMany(one.url, 3);
  if (watching === undefined || other === undefined || third === undefined) throw new Error('too few');
  const watcher = await TopicsClient.connect(two.wsUrl, watching.token);
  await watcher.subscribe(['presence.*']);
  const seen = (id: string, status: string): boolean =>
    watcher.presences.some((one) => one.user_id === id && one.status === status);

  await cluster.kill('presence');
  const client = await TopicsClient.connect(one.wsUrl, other.token);
  await waitFor(() => seen(other.id, 'online'), 'the newcomer to be seen', RECOVERY_MS);
  await cluster.kill('presence-2');
  await client.must('Broadcast', { topic: 'any', payload: 1 });
  const refused = await client.ask('Presence', { status: 'dnd' });
  expect(refused).toMatchObject({ kind: 'error', code: 503 });
  const late = await TopicsClient.connect(one.wsUrl, third.token);
  await late.subscribe(['presence.*', 'any']);
  await Promise.all([cluster.restart('presence'), cluster.restart('presence-2')]);
  await waitFor(() => seen(third.id, 'online'), 'who came meanwhile to be seen', RECOVERY_MS);
  await waitFor(async () => (await client.ask('Presence', { status: 'dnd' })).kind === 'ack', 'a status', RECOVERY_MS);
  await waitFor(() => seen(other.id, 'dnd'), 'the status to be seen', RECOVERY_MS);
  // Nobody was said to have gone while presence was away itself.
  expect(watcher.presences.filter(({ status, user_id }) => status === 'offline' && user_id !== '')).toEqual([]);
}, 90_000);

test('auth killed: who is in stays, tokens are still good, logins go on with the other replica', async () => {
  const [one, two] = [cluster.gateway(1), cluster.gateway(2)];
  const person = await register(one.url);
  const client = await TopicsClient.connect(one.wsUrl, person.token);
  await cluster.kill('auth');
  const again = await waitFor(() => logIn(two.url, person), 'a login with the other replica', RECOVERY_MS);
  await cluster.kill('auth-2');
  const guess = { username: person.username, password: 'whatever it is' };
  // Until NATS has noticed, what is asked waits for an answer that does not come.
  await waitFor(
    async () => {
      const answer = await call('POST', `${two.url}/auth/login`, '', guess);
      expect(answer.status).toBe(503);
      return (await answer.text()).includes('"unavailable"');
    },
    'a login to be refused at once',
    RECOVERY_MS,
  );
  const late = await TopicsClient.connect(two.wsUrl, again.token);
  await late.subscribe(['auth.away']);
  const { recipients } = await client.must('Broadcast', { topic: 'auth.away', payload: 1 });
  expect(recipients).toBe(1);
  await Promise.all([cluster.restart('auth'), cluster.restart('auth-2')]);
  await waitFor(() => logIn(one.url, person), 'a login afterwards', RECOVERY_MS);
  expect(client.open && late.open).toBe(true);
}, 90_000);
