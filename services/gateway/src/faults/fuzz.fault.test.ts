import { freePort, seededRandom, startCluster, waitFor, type Cluster } from '@parley/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Inspector } from './fuzz/inspector.js';
import { newTally, Thrower, type Tally } from './fuzz/thrower.js';
import { roomy } from './load.js';
import { metric } from './metrics.js';
import { register, registerMany, type Person } from './people.js';
import { TopicsClient } from './topics-client.js';

const SEED = Number(process.env['PARLEY_TEST_FUZZ_SEED'] ?? 20_260_101);
const FRAMES = 100_000;
const LANES = 24;
const FRAMES_PER_CONNECTION = 60;

let cluster: Cluster;
let inspector: Inspector;
let throwers: readonly Person[];
beforeAll(async () => {
  const port = await freePort();
  cluster = await startCluster({
    env: { ...roomy, PARLEY_USER_CONNECTIONS_MAX: '1000', PARLEY_GATEWAY_HANDSHAKES_PER_SECOND: '100000' },
    envOf: { gateway: { NODE_OPTIONS: `--inspect=127.0.0.1:${String(port)}` } },
  });
  inspector = await Inspector.attach(port);
  throwers = await registerMany(cluster.gateway(1).url, 8);
});
afterAll(async () => {
  inspector.close();
  await cluster.stop();
});

/** Many connections at once, each with frames of its own. */
async function throwFrames(seed: number, count: number): Promise<Tally> {
  const tally = newTally();
  const around = { userIds: throwers.map(({ id }) => id), usernames: throwers.map(({ username }) => username) };
  await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      const random = seededRandom(seed * 1_000 + lane);
      while (tally.handled < count && tally.faults.length < 10) {
        const { token } = random.pick(throwers);
        await Thrower.live(cluster.gateway(1).wsUrl, token, random, around, FRAMES_PER_CONNECTION, tally);
      }
    }),
  );
  return tally;
}

test(`${String(FRAMES)} hostile frames: each bad one answered, no crash, no leak, and a bystander misses nothing (seed ${String(SEED)})`, async () => {
  const { url, wsUrl, probesUrl, child } = cluster.gateway(1);
  const calm = await register(url);
  const bystander = await TopicsClient.connect(wsUrl, calm.token);
  await bystander.subscribe(['calm.water']);
  const speaker = await TopicsClient.connect(wsUrl, calm.token);
  const active = () => metric(probesUrl, 'parley_connections_active');
  const subscriptions = () => metric(probesUrl, 'parley_subscriptions_active');
  const before = await subscriptions();
  const startedAt = performance.now();
  const t = await throwFrames(SEED, 10_000);
  console.log(performance.now() - startedAt, t, before, await active());
  expect(t.faults).toEqual([]);
  expect(child.running).toBe(true);
  await waitFor(async () => (await active()) === 2, 'connections to be gone', 10_000);
  await waitFor(async () => (await subscriptions()) === before, 'subs to be gone', 10_000);
  void speaker;
}, 120_000);
