import { compile } from '@parley/contracts';
import { seededRandom, waitFor, type SeededRandom } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RawSocket } from './fuzz/raw-socket.js';
import { FuzzRig, SEED } from './fuzz/rig.js';
import { newTally, Thrower } from './fuzz/thrower.js';
import { wireAttacks, type WireAttack } from './fuzz/wire-attacks.js';
import { call, register } from './people.js';
import { TopicsClient } from './topics-client.js';

const LANES = 24;
const FRAMES_PER_CONNECTION = 60;
const RAW_ROUNDS = 25;

const totalCheck = compile(Type.Object({ total: Type.Integer() }));

let rig: FuzzRig;
let bystander: Bystander;

beforeAll(async () => {
  rig = await FuzzRig.start();
  bystander = await Bystander.start();
  await rig.settled(2);
});
afterAll(() => rig.stop());

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
    const { wsUrl, url } = rig.cluster.gateway(1);
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

async function connectionsByPresence(): Promise<number | undefined> {
  const response = await call('GET', `${rig.cluster.gateway(1).url}/admin/connections?limit=1`, rig.cluster.apiKey);
  const body: unknown = await response.json();
  return totalCheck.is(body) ? body.total : undefined;
}

/** Nothing is left of those who threw. */
async function expectQuiet(): Promise<void> {
  await rig.expectQuiet();
  await waitFor(async () => (await connectionsByPresence()) === 2, 'presence to have forgotten them', 15_000);
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
  const raw = await RawSocket.logIn(rig.cluster.gateway(1).ports[0], random.pick(rig.throwers).token);
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
    const raw = RawSocket.open(rig.cluster.gateway(1).ports[random.int(0, 2)] ?? 0);
    raw.write(request);
    raw.write('\r\n\r\n');
    await raw.until(`the end of ${String(request).slice(0, 60)}`, () => raw.ended || raw.head !== '');
    if (raw.head !== '') expect(raw.head).toMatch(/^HTTP\/1\.1 4\d\d /);
    raw.drop();
  }
  await expectQuiet();
}, 60_000);

test(`100,000 hostile frames: each bad one answered, no crash, no leak, and a bystander misses nothing (seed ${String(SEED)})`, async () => {
  const { throwers, cluster } = rig;
  const around = { userIds: throwers.map(({ id }) => id), usernames: throwers.map(({ username }) => username) };
  await rig.expectFlat([20_000, 40_000, 40_000], async (round, count) => {
    const tally = newTally();
    await rig.throwFrames(LANES, { round, count }, tally, async (random, { token }) => {
      const thrower = await Thrower.connect(cluster.gateway(1).wsUrl, token, tally);
      await thrower.live(random, around, FRAMES_PER_CONNECTION);
    });
    expect(tally.bad).toBeGreaterThan(count / 2);
    for (const close of tally.closes.keys()) expect(['1000 ', '1008 too many bad messages']).toContain(close);
    await expectQuiet();
  });
  expect(await bystander.stop()).toBeGreaterThan(100);
}, 240_000);
