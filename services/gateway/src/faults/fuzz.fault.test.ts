import { compile } from '@parley/contracts';
import { freePort, seededRandom, startCluster, waitFor, type Cluster, type SeededRandom } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Inspector } from './fuzz/inspector.js';
import { RawSocket } from './fuzz/raw-socket.js';
import { newTally, Thrower, type Tally } from './fuzz/thrower.js';
import { wireAttacks, type WireAttack } from './fuzz/wire-attacks.js';
import { roomy } from './load.js';
import { metric } from './metrics.js';
import { call, register, registerMany, type Person } from './people.js';
import { TopicsClient } from './topics-client.js';

const SEED = Number(process.env['PARLEY_TEST_FUZZ_SEED'] ?? 20_260_101);
/** The first round fills caches and warms the compiler up; the heap is compared over the others. */
const ROUNDS = [20_000, 40_000, 40_000] as const;
const LANES = 24;
const FRAMES_PER_CONNECTION = 60;
const RAW_ROUNDS = 25;
const HEAP_SLACK = 4 * 1_048_576;

const totalCheck = compile(Type.Object({ total: Type.Integer() }));

let cluster: Cluster;
let inspector: Inspector;
let throwers: readonly Person[];
let bystander: Bystander;
let idleSubscriptions: number;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  const port = await freePort();
  cluster = await startCluster({
    env: { ...roomy, PARLEY_USER_CONNECTIONS_MAX: '1000', PARLEY_GATEWAY_HANDSHAKES_PER_SECOND: '100000' },
    envOf: { gateway: { NODE_OPTIONS: `--inspect=127.0.0.1:${String(port)}` } },
  });
  ends.push(() => cluster.stop());
  inspector = await Inspector.attach(port);
  ends.push(() => {
    inspector.close();
  });
  throwers = await registerMany(cluster.gateway(1).url, 8);
  bystander = await Bystander.start();
  idleSubscriptions = await subscriptions();
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

/** Someone who gets one message after the other, and has nothing to do with what goes on around. */
class Bystander {
  private running = true;
  private sent = 0;
  private readonly done: Promise<void>;

  private constructor(
    private readonly speaker: TopicsClient,
    private readonly listener: TopicsClient,
  ) {
    this.done = this.run();
    this.done.catch(() => undefined);
  }

  static async start(): Promise<Bystander> {
    const { wsUrl, url } = cluster.gateway(1);
    const { token } = await register(url);
    const [speaker, listener] = [await TopicsClient.connect(wsUrl, token), await TopicsClient.connect(wsUrl, token)];
    await listener.subscribe(['calm.water']);
    return new Bystander(speaker, listener);
  }

  /** Returns how many messages came; fails unless it is every one, once and in order. */
  async stop(): Promise<number> {
    this.running = false;
    await this.done;
    await waitFor(() => this.listener.broadcasts.length === this.sent, 'all that was sent');
    expect(this.listener.broadcasts.map(({ payload }) => payload)).toEqual(
      Array.from({ length: this.sent }, (_, index) => index),
    );
    return this.sent;
  }

  private async run(): Promise<void> {
    while (this.running) {
      const number = this.sent++;
      await this.speaker.must('Broadcast', { topic: 'calm.water', payload: number });
    }
  }
}

function subscriptions(): Promise<number> {
  return metric(cluster.gateway(1).probesUrl, 'parley_subscriptions_active');
}

async function connectionsByPresence(): Promise<number | undefined> {
  const response = await call('GET', `${cluster.gateway(1).url}/admin/connections?limit=1`, cluster.apiKey);
  const body: unknown = await response.json();
  return totalCheck.is(body) ? body.total : undefined;
}

/** Nothing is left of those who threw. */
async function expectQuiet(): Promise<void> {
  const { probesUrl } = cluster.gateway(1);
  await waitFor(
    async () => (await metric(probesUrl, 'parley_connections_active')) === 2,
    'only the bystander to be connected',
    15_000,
  );
  await waitFor(async () => (await connectionsByPresence()) === 2, 'presence to have forgotten them', 15_000);
  await waitFor(async () => (await subscriptions()) === idleSubscriptions, 'subscriptions to be gone', 15_000);
}

/** Many connections at once, each with frames of its own. */
async function throwFrames(round: number, count: number): Promise<Tally> {
  const tally = newTally();
  const around = { userIds: throwers.map(({ id }) => id), usernames: throwers.map(({ username }) => username) };
  await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      const random = seededRandom(SEED + 1_000 * round + lane);
      while (tally.handled < count && tally.faults.length < 10) {
        const { token } = random.pick(throwers);
        const thrower = await Thrower.connect(cluster.gateway(1).wsUrl, token, tally);
        await thrower.live(random, around, FRAMES_PER_CONNECTION);
      }
    }),
  );
  return tally;
}

test(`what breaks the WebSocket protocol is closed with the right code, and concerns nobody else (seed ${String(SEED)})`, async () => {
  const attacks = Array.from({ length: RAW_ROUNDS }, () => wireAttacks).flat();
  const random = seededRandom(SEED);
  const wrong: string[] = [];
  const lane = async (): Promise<void> => {
    for (let attack = attacks.pop(); attack !== undefined; attack = attacks.pop()) {
      const outcome = await tryAttack(attack, random);
      if (outcome !== undefined) wrong.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  expect(wrong, `seed ${String(SEED)}`).toEqual([]);
  await expectQuiet();
}, 60_000);

/** Undefined when it was dealt with as it should be. */
async function tryAttack({ name, codes, bytes }: WireAttack, random: SeededRandom): Promise<string | undefined> {
  const raw = await RawSocket.logIn(cluster.gateway(1).ports[0], random.pick(throwers).token);
  const attack = bytes(random);
  // In one piece, in two, or with the connection gone in the middle.
  const cut = random.int(0, attack.length);
  if (random.chance(0.2)) {
    raw.write(attack.subarray(0, cut));
    raw.drop();
    return undefined;
  }
  if (random.chance(0.3)) {
    raw.write(attack.subarray(0, cut));
    await new Promise(setImmediate);
    raw.write(attack.subarray(cut));
  } else {
    raw.write(attack);
  }
  if (codes.length === 0) {
    const alive = await raw.alive();
    raw.drop();
    return alive ? undefined : `${name} ended the connection with ${String(raw.closeCode)}`;
  }
  await raw.until(`the close after ${name}`, () => raw.closeCode !== undefined || raw.ended);
  raw.drop();
  if (raw.closeCode !== undefined && codes.includes(raw.closeCode)) return undefined;
  return `${name} was closed with ${String(raw.closeCode)}`;
}

test('what is no upgrade at all is answered with an error or the end', async () => {
  const random = seededRandom(SEED + 1);
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  const requests = [
    `GET /ws/topics HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`,
    `GET /ws/topics HTTP/1.1\r\nHost: x\r\n${upgrade}Sec-WebSocket-Key: short\r\n\r\n`,
    `POST /ws/topics HTTP/1.1\r\nHost: x\r\n${upgrade}${key}\r\n`,
    `GET /ws/topics HTTP/1.1\r\nHost: x\r\n${upgrade.replace('13', '12')}${key}\r\n`,
    `GET /ws/topics HTTP/1.1\r\nHost: x\r\n${upgrade.replace('websocket', 'h2c')}${key}\r\n`,
    `GET /ws/nowhere HTTP/1.1\r\nHost: x\r\n${upgrade}${key}\r\n`,
    `GET /ws/topics/../../x?token=${'%00'.repeat(50)} HTTP/1.1\r\nHost: x\r\n${upgrade}${key}\r\n`,
    `GET /ws/topics HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Protocol: a,a, ,;\r\n${upgrade}${key}\r\n`,
    'GET / HTTP/9.9\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\r\n\r\n\r\nEHLO x\r\n',
    `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
  ];
  for (const request of [...requests, ...Array.from({ length: 40 }, () => Buffer.from(random.bytes(200)))]) {
    const raw = RawSocket.open(cluster.gateway(1).ports[random.int(0, 2)] ?? 0);
    raw.write(request);
    raw.write('\r\n\r\n');
    await raw.until(`the end of ${String(request).slice(0, 60)}`, () => raw.ended || raw.head !== '');
    if (raw.head !== '') expect(raw.head).toMatch(/^HTTP\/1\.1 4\d\d /);
    raw.drop();
  }
  await expectQuiet();
}, 60_000);

test(`100,000 hostile frames: each bad one answered, no crash, no leak, and a bystander misses nothing (seed ${String(SEED)})`, async () => {
  const held: number[] = [];
  for (const [round, count] of ROUNDS.entries()) {
    const tally = await throwFrames(round, count);
    expect(tally.faults, `seed ${String(SEED)}`).toEqual([]);
    expect(tally.handled).toBeGreaterThanOrEqual(count);
    expect(tally.bad).toBeGreaterThan(count / 2);
    for (const close of tally.closes.keys()) expect(['1000 ', '1008 too many bad messages']).toContain(close);
    await expectQuiet();
    held.push(await inspector.heldBytes());
  }
  const [, second = 0, third = 0] = held;
  expect(third - second, `held after each round: ${held.join(' ')}`).toBeLessThan(HEAP_SLACK);
  expect(cluster.processes.every(({ child }) => child.running)).toBe(true);
  expect(await bystander.stop()).toBeGreaterThan(100);
}, 240_000);
