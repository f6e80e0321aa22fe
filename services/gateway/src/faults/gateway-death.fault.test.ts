import { startCluster, waitFor, type Cluster } from '@parley/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { confirmedOn, expectOnceAndInOrder, hasAll, Load, roomy } from './load.js';
import { registerMany, type Person } from './people.js';
import { TopicsClient } from './topics-client.js';

const TOPICS = ['load.a', 'load.b'];
const GONE_BOUND_MS = 15_000;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, env: { ...roomy, PARLEY_PRESENCE_GRACE_MS: '5000' } });
});
afterAll(() => cluster.stop());

interface Subscriber {
  readonly person: Person;
  readonly entries: readonly string[];
  client: TopicsClient;
}

async function subscriber(person: Person, entries: readonly string[]): Promise<Subscriber> {
  const client = await TopicsClient.connect(cluster.gateway(1).wsUrl, person.token);
  await client.subscribe(entries);
  return { person, entries, client };
}

/** Comes back through the other gateway, and says how far it had come. */
async function comeBack(subscriber: Subscriber): Promise<void> {
  await subscriber.client.closed;
  const earlier = subscriber.client.broadcasts;
  const client = await TopicsClient.connect(cluster.gateway(2).wsUrl, subscriber.person.token);
  const lastOf = (entry: string): number =>
    Math.max(...earlier.filter(({ topic }) => entry.includes('*') || topic === entry).map(({ sequence }) => sequence));
  await client.subscribe(subscriber.entries, Object.fromEntries(subscriber.entries.map((one) => [one, lastOf(one)])));
  const status = await client.other('the Status', ({ data }) => data['status'] === 'subscribed');
  for (const entry of subscriber.entries) {
    expect(status.data['details'], entry).toMatchObject({ recovered: { [entry]: { recovered: true } } });
  }
  // One list of all that the subscriber ever saw, in order.
  client.broadcasts.unshift(...earlier);
  subscriber.client = client;
}

test('a gateway killed under load: its clients go on elsewhere without a loss, and only who stays away is gone', async () => {
  const [one, two] = [cluster.gateway(1), cluster.gateway(2)];
  const [watcherPerson, ...people] = await registerMany(one.url, 14);
  if (watcherPerson === undefined) throw new Error('nobody');
  const returning = people.slice(0, 6);
  const leaving = people.slice(6, 10);
  const [both, elsewhere, sender] = people.slice(10);
  if (both === undefined || elsewhere === undefined || sender === undefined) throw new Error('too few');

  const watcher = await TopicsClient.connect(two.wsUrl, watcherPerson.token);
  const subscribers = await Promise.all(
    returning.map((person, index) => subscriber(person, index % 2 === 0 ? TOPICS : ['load.*'])),
  );
  for (const { token } of [...leaving, both]) await TopicsClient.connect(one.wsUrl, token);
  for (const { token } of [both, elsewhere]) await TopicsClient.connect(two.wsUrl, token);
  const bystander = await TopicsClient.connect(two.wsUrl, elsewhere.token);
  await bystander.subscribe(TOPICS);
  await watcher.subscribe(['presence.*']);

  const steady = new Load(await TopicsClient.connect(two.wsUrl, sender.token), {
    name: 'steady',
    topics: TOPICS,
    window: 4,
  });
  const moving = new Load(await TopicsClient.connect(one.wsUrl, sender.token), {
    name: 'moving',
    topics: TOPICS,
    window: 4,
    insist: true,
    reconnect: () => TopicsClient.connect(two.wsUrl, sender.token),
  });
  const loads = [steady, moving];
  await waitFor(() => loads.every(({ count }) => count >= 200), 'publishing under way', 30_000);
  await waitFor(
    () =>
      subscribers.every(({ client }) => TOPICS.every((topic) => client.broadcasts.some((one) => one.topic === topic))),
    'everyone to have heard something',
  );

  const before = watcher.presences.length;
  const killedAt = performance.now();
  await cluster.kill('gateway-1');
  await Promise.all(subscribers.map(comeBack));
  const goals = loads.map((load) => ({ load, goal: load.count + 200 }));
  await waitFor(() => goals.every(({ load, goal }) => load.count >= goal), 'publishing afterwards', 30_000);

  const offline = (person: Person): boolean =>
    watcher.presences.slice(before).some(({ user_id, status }) => user_id === person.id && status === 'offline');
  await waitFor(
    () => leaving.every(offline),
    'who stays away to be gone',
    GONE_BOUND_MS - (performance.now() - killedAt),
  );
  await Promise.all(loads.map((load) => load.stop()));

  const all = confirmedOn(loads, TOPICS);
  for (const { client } of [...subscribers, { client: bystander }]) {
    await waitFor(() => hasAll(client.broadcasts, all), 'everything', 20_000);
    expectOnceAndInOrder(client.broadcasts);
  }
  expect([...steady.refused], 'whose gateway lives is refused nothing').toEqual([]);
  // One word about each who stayed away, and none about anyone else.
  const changes = watcher.presences.slice(before);
  expect(changes.map(({ user_id, status }) => `${user_id} ${status}`).sort()).toEqual(
    leaving.map(({ id }) => `${id} offline`).sort(),
  );
});
