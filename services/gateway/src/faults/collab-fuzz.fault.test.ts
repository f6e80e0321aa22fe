import { compile } from '@parley/contracts';
import { Down } from '@parley/dialects/collab/down';
import { waitFor, within } from '@parley/testing';
import { Type, type Static } from '@sinclair/typebox';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { must } from './chat-room.js';
import { CollabThrower, newCollabTally } from './fuzz/collab-thrower.js';
import { FuzzRig, SEED } from './fuzz/rig.js';
import { register, type Person } from './people.js';
import { textOf } from './topics-client.js';

const LANES = 16;
const FRAMES_PER_CONNECTION = 60;
/** What so many frames are bound to be answered with, among others. */
const REACHED = [1001, 2001, 2003, 3001, 3002, 3003];

const downCheck = compile(Down);
const madeCheck = compile(Type.Object({ id: Type.String() }));
const documentCheck = compile(Type.Object({ version: Type.Integer(), content: Type.String() }));

let rig: FuzzRig;
let rooms: readonly string[];
let bystander: Bystander;

beforeAll(async () => {
  rig = await FuzzRig.start({
    PARLEY_USER_CONNECTIONS_BY_DIALECT: 'collab=1000',
    PARLEY_COLLAB_OPERATIONS_PER_SECOND: '100000',
    PARLEY_COLLAB_CURSORS_PER_SECOND: '100000',
  });
  const { url } = rig.cluster.gateway(1);
  const [owner] = rig.throwers;
  if (owner === undefined) throw new Error('nobody to throw');
  rooms = [await makeRoom(url, owner, true), await makeRoom(url, owner, true), 'no-such-room'];
  bystander = await Bystander.start();
  await rig.settled(2);
});
afterAll(() => rig.stop());

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
    const { wsUrl, url } = rig.cluster.gateway(1);
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

test(`20,000 hostile frames, text and binary: each bad one is answered, no crash, no leak, and a bystander misses nothing (seed ${String(SEED)})`, async () => {
  const { wsUrl } = rig.cluster.gateway(1);
  await rig.expectFlat([4_000, 8_000, 8_000], async (round, count) => {
    const tally = newCollabTally();
    await rig.throwFrames(LANES, { round, count }, tally, async (random, { token }) => {
      const thrower = await CollabThrower.connect(wsUrl, token, tally);
      await thrower.live(random, rooms, FRAMES_PER_CONNECTION);
    });
    expect(tally.bad).toBeGreaterThan(count / 6);
    expect([...tally.codes.keys()]).toEqual(expect.arrayContaining(REACHED));
  });
  expect(await bystander.stop()).toBeGreaterThan(100);
}, 300_000);
