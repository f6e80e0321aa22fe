import { compile } from '@parley/contracts';
import { Down } from '@parley/dialects/collab/down';
import { freePort, seededRandom, startCluster, waitFor, within, type Cluster } from '@parley/testing';
import { Type, type Static } from '@sinclair/typebox';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { must } from './chat-room.js';
import { CollabThrower, newCollabTally, type CollabTally } from './fuzz/collab-thrower.js';
import { Inspector } from './fuzz/inspector.js';
import { roomy } from './load.js';
import { metric } from './metrics.js';
import { register, registerMany, type Person } from './people.js';
import { textOf } from './topics-client.js';

const SEED = Number(process.env['PARLEY_TEST_FUZZ_SEED'] ?? 20_260_101);
/** The first round fills caches and warms the compiler up; the heap is compared over the others. */
const ROUNDS = [4_000, 8_000, 8_000] as const;
const LANES = 16;
const FRAMES_PER_CONNECTION = 60;
/** What so many frames are bound to be answered with, among others. */
const REACHED = [1001, 2001, 2003, 3001, 3002, 3003];
const HEAP_SLACK = 4 * 1_048_576;

const downCheck = compile(Down);
const madeCheck = compile(Type.Object({ id: Type.String() }));
const documentCheck = compile(Type.Object({ version: Type.Integer(), content: Type.String() }));

let cluster: Cluster;
let inspector: Inspector;
let throwers: readonly Person[];
let rooms: readonly string[];
let bystander: Bystander;
let idleSubscriptions: number;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  const port = await freePort();
  cluster = await startCluster({
    env: {
      ...roomy,
      PARLEY_USER_CONNECTIONS_MAX: '1000',
      PARLEY_USER_CONNECTIONS_BY_DIALECT: 'collab=1000',
      PARLEY_GATEWAY_HANDSHAKES_PER_SECOND: '100000',
      PARLEY_COLLAB_OPERATIONS_PER_SECOND: '100000',
      PARLEY_COLLAB_CURSORS_PER_SECOND: '100000',
    },
    envOf: { gateway: { NODE_OPTIONS: `--inspect=127.0.0.1:${String(port)}` } },
  });
  ends.push(() => cluster.stop());
  inspector = await Inspector.attach(port);
  ends.push(() => {
    inspector.close();
  });
  const { url } = cluster.gateway(1);
  throwers = await registerMany(url, 8);
  const [owner] = throwers;
  if (owner === undefined) throw new Error('nobody to throw');
  rooms = [await makeRoom(url, owner, true), await makeRoom(url, owner, true), 'no-such-room'];
  bystander = await Bystander.start();
  idleSubscriptions = await subscriptions();
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

async function makeRoom(url: string, { token }: Person, isPublic: boolean): Promise<string> {
  const made = await must('POST', `${url}/rooms`, token, { type: 'text', content: '', public: isPublic });
  if (!madeCheck.is(made)) throw new Error('no room was made');
  return made.id;
}

/** Someone who writes one character after the other, and somebody who reads along, far from what goes on around. */
class Bystander {
  private running = true;
  private written = 0;
  private acknowledged: (version: number) => void = () => undefined;
  private readonly heard: number[] = [];
  private readonly done: Promise<void>;

  private constructor(
    private readonly writer: WebSocket,
    reader: WebSocket,
    private readonly document: () => Promise<unknown>,
  ) {
    hear(writer, (message) => {
      if (message.type === 'error') throw new Error(`the bystander was told ${JSON.stringify(message.payload)}`);
      if (message.type === 'ack') this.acknowledged(message.payload.version ?? 0);
    });
    hear(reader, (message) => {
      if (message.type === 'operation_broadcast') this.heard.push(message.payload.transformedVersion);
    });
    this.done = this.run();
    this.done.catch(() => undefined);
  }

  static async start(): Promise<Bystander> {
    const { wsUrl, url } = cluster.gateway(1);
    const person = await register(url);
    const roomId = await makeRoom(url, person, false);
    const enter = async (): Promise<WebSocket> => {
      const ws = new WebSocket(`${wsUrl}/ws/collab?token=${person.token}`);
      await within(10_000, 'connected', new Promise((resolve) => ws.once('message', resolve)));
      const joined = new Promise((resolve) => ws.once('message', resolve));
      say(ws, 'join_room', { roomId });
      await within(10_000, 'room_joined', joined);
      return ws;
    };
    return new Bystander(await enter(), await enter(), () => must('GET', `${url}/rooms/${roomId}`, person.token));
  }

  /** Returns how many operations there were; fails unless each was done, and heard of, once and in order. */
  async stop(): Promise<number> {
    this.running = false;
    await this.done;
    await waitFor(() => this.heard.length >= this.written, 'all that was written');
    expect(this.heard).toEqual(Array.from({ length: this.written }, (_, index) => index + 2));
    const document = await this.document();
    expect(documentCheck.is(document) && document).toMatchObject({
      version: this.written + 1,
      content: 'x'.repeat(this.written),
    });
    return this.written;
  }

  private async run(): Promise<void> {
    while (this.running) {
      const version = this.written + 1;
      const acknowledged = new Promise<number>((resolve) => (this.acknowledged = resolve));
      say(this.writer, 'operation', { operation: ['x'], version });
      expect(await within(20_000, 'an acknowledgment', acknowledged)).toBe(version + 1);
      this.written += 1;
    }
  }
}

function say(ws: WebSocket, type: string, payload: object): void {
  ws.send(JSON.stringify({ id: randomUUID(), type, version: 1, timestamp: Date.now(), payload }));
}

function hear(ws: WebSocket, listener: (message: Static<typeof Down>) => void): void {
  ws.on('message', (data) => {
    const message: unknown = JSON.parse(textOf(data));
    if (downCheck.is(message)) listener(message);
  });
}

function subscriptions(): Promise<number> {
  return metric(cluster.gateway(1).probesUrl, 'parley_subscriptions_active');
}

/** Nothing is left of those who threw. */
async function expectQuiet(): Promise<void> {
  const active = () => metric(cluster.gateway(1).probesUrl, 'parley_connections_active');
  await waitFor(async () => (await active()) === 2, 'only the bystander to be connected', 15_000);
  await waitFor(async () => (await subscriptions()) === idleSubscriptions, 'subscriptions to be gone', 15_000);
}

/** Many connections at once, each with frames of its own. */
async function throwFrames(round: number, count: number): Promise<CollabTally> {
  const tally = newCollabTally();
  await Promise.all(
    Array.from({ length: LANES }, async (_, lane) => {
      const random = seededRandom(SEED + 1_000 * round + lane);
      while (tally.handled < count && tally.faults.length < 10) {
        const thrower = await CollabThrower.connect(cluster.gateway(1).wsUrl, random.pick(throwers).token, tally);
        await thrower.live(random, rooms, FRAMES_PER_CONNECTION);
      }
    }),
  );
  return tally;
}

test(`20,000 hostile frames, text and binary: each bad one is answered, no crash, no leak, and a bystander misses nothing (seed ${String(SEED)})`, async () => {
  const held: number[] = [];
  for (const [round, count] of ROUNDS.entries()) {
    const tally = await throwFrames(round, count);
    expect(tally.faults, `seed ${String(SEED)}`).toEqual([]);
    expect(tally.handled).toBeGreaterThanOrEqual(count);
    expect(tally.bad).toBeGreaterThan(count / 6);
    expect([...tally.codes.keys()]).toEqual(expect.arrayContaining(REACHED));
    await expectQuiet();
    held.push(await inspector.heldBytes());
  }
  const [, second = 0, third = 0] = held;
  expect(third - second, `held after each round: ${held.join(' ')}`).toBeLessThan(HEAP_SLACK);
  expect(cluster.processes.every(({ child }) => child.running)).toBe(true);
  expect(await bystander.stop()).toBeGreaterThan(100);
}, 300_000);
