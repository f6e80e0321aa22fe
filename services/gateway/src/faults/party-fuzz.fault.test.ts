import { compile } from '@parley/contracts';
import { freePort, seededRandom, startCluster, waitFor, type Cluster } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Inspector } from './fuzz/inspector.js';
import { newPartyTally, PartyThrower, type PartyTally } from './fuzz/party-thrower.js';
import { roomy } from './load.js';
import { metric } from './metrics.js';
import { PartyClient } from './party-client.js';

const SEED = Number(process.env['PARLEY_TEST_FUZZ_SEED'] ?? 20_260_101);
/** The first round fills caches and warms the compiler up; the heap is compared over the others. */
const ROUNDS = [3_000, 6_000, 6_000] as const;
const LANES = 8;
const HEAP_SLACK = 4 * 1_048_576;

const madeCheck = compile(Type.Object({ id: Type.String() }));

let cluster: Cluster;
let inspector: Inspector;
let bystander: PartyClient;
let idleSubscriptions: number;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  const port = await freePort();
  cluster = await startCluster({
    env: {
      ...roomy,
      PARLEY_GATEWAY_HANDSHAKES_PER_SECOND: '100000',
      PARLEY_SESSION_MEMBERS_MAX: '1000',
      PARLEY_SESSION_GRACE_MS: '1000',
    },
    envOf: { gateway: { NODE_OPTIONS: `--inspect=127.0.0.1:${String(port)}` } },
  });
  ends.push(() => cluster.stop());
  inspector = await Inspector.attach(port);
  ends.push(() => {
    inspector.close();
  });
  bystander = await PartyClient.join({ sessionId: await makeParty() }, () => cluster.gateway(1).wsUrl);
  ends.push(() => {
    bystander.drop();
  });
  idleSubscriptions = await subscriptions();
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

async function makeParty(): Promise<string> {
  const response = await fetch(`${cluster.gateway(1).url}/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'A party', max_members: 1_000 }),
  });
  const made: unknown = await response.json();
  if (!madeCheck.is(made)) throw new Error(`no session: ${JSON.stringify(made)}`);
  return made.id;
}

function subscriptions(): Promise<number> {
  return metric(cluster.gateway(1).probesUrl, 'parley_subscriptions_active');
}

/** Nothing is left of those who threw. */
async function expectQuiet(): Promise<void> {
  const active = () => metric(cluster.gateway(1).probesUrl, 'parley_connections_active');
  await waitFor(async () => (await active()) === 1, 'only the bystander to be connected', 15_000);
  await waitFor(async () => (await subscriptions()) === idleSubscriptions, 'subscriptions to be gone', 15_000);
}

/** Many connections at once, each with frames of its own, in sessions of their own. */
async function throwFrames(round: number, count: number): Promise<PartyTally> {
  const tally = newPartyTally();
  await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      const random = seededRandom(SEED + 1_000 * round + lane);
      const sessionId = await makeParty();
      while (tally.handled < count && tally.faults.length < 5) {
        await PartyThrower.live(cluster.gateway(1).wsUrl, sessionId, tally, random);
      }
    }),
  );
  return tally;
}

test(`15,000 hostile frames: each bad one is answered, no crash, no leak, and a bystander notices nothing (seed ${String(SEED)})`, async () => {
  const held: number[] = [];
  for (const [round, count] of ROUNDS.entries()) {
    const tally = await throwFrames(round, count);
    expect(tally.faults, `seed ${String(SEED)}`).toEqual([]);
    expect(tally.handled).toBeGreaterThanOrEqual(count);
    expect(tally.bad).toBeGreaterThan(count / 6);
    await expectQuiet();
    held.push(await inspector.heldBytes());
  }
  const [, second = 0, third = 0] = held;
  expect(third - second, `held after each round: ${held.join(' ')}`).toBeLessThan(HEAP_SLACK);
  expect(cluster.processes.every(({ child }) => child.running)).toBe(true);
  expect(bystander.connected).toBe(true);
  expect(bystander.heard.map(({ type }) => type)).toEqual(['welcome', 'member_list']);
}, 240_000);
