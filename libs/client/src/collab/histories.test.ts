import { textType } from '@parley/ot/text';
import { seededRandom, type SeededRandom } from '@parley/testing';
import { expect, test } from 'vitest';
import { ManualTimers } from '../testing/manual-timers.js';
import { SimulatedRoom } from '../testing/simulated-room.js';
import { CollaborativeClient } from './collaborative-client.js';
import type { Room } from './room.js';

const HISTORIES = 150;
const STEPS = 400;
const CLIENTS = 3;

interface World {
  readonly random: SeededRandom;
  readonly server: SimulatedRoom;
  readonly timers: ManualTimers;
  readonly clients: readonly CollaborativeClient[];
  readonly typed: string[];
  readonly rejected: string[];
}

function world(seed: number): World {
  const random = seededRandom(seed);
  const server = new SimulatedRoom(random);
  const timers = new ManualTimers();
  timers.chance = 0;
  const rejected: string[] = [];
  const clients = Array.from({ length: CLIENTS }, () => {
    const options = {
      url: 'ws://simulated',
      token: 't',
      types: [textType],
      timers,
      WebSocket: server.WebSocket,
      backoff: { minMs: 800 },
    };
    const client = new CollaborativeClient({ ...options, connectTimeoutMs: Infinity });
    client.on('rooms', (room) =>
      room?.on('rejected', ({ operation }) => rejected.push(...lettersOf(JSON.stringify(operation)))),
    );
    void client.connect();
    client.joinRoom('doc', { timeoutMs: Infinity }).catch(() => undefined);
    return client;
  });
  return { random, server, timers, clients, typed: [], rejected };
}

function lettersOf(text: string): string[] {
  return [...text.matchAll(/[\u4e00-\u9fff]/g)].map(([letter]) => letter);
}

/** What follows a promise happens before the next step. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await Promise.resolve();
}

/** Each letter is typed once in a history, so that it can be counted. */
function type({ random, typed }: World, room: Room): void {
  const letter = String.fromCharCode(0x4e00 + typed.length);
  const at = random.int(0, String(room.document.content).length);
  room.document.edit(at === 0 ? [letter] : [at, letter], { merge: random.chance() });
  typed.push(letter);
}

function remove({ random }: World, room: Room): void {
  const { length } = String(room.document.content);
  if (length === 0) return;
  const at = random.int(0, length - 1);
  room.document.edit(at === 0 ? [{ d: 1 }] : [at, { d: 1 }]);
}

async function live(history: World, act: (room: Room) => void): Promise<void> {
  const { random, server, timers, clients } = history;
  for (let step = 0; step < STEPS; step++) {
    const room = random.pick(clients).room;
    const dice = random.next();
    if (dice < 0.1 && room?.document.canEdit === true) act(room);
    else if (dice < 0.13) server.cut();
    else if (dice < 0.3) timers.advance(random.int(0, 200));
    else server.step();
    await settle();
  }
}

async function calmDown({ server, timers, clients }: World): Promise<void> {
  server.calm();
  for (let round = 0; round < 400; round++) {
    while (server.step()) await settle();
    if (clients.every(({ room }) => room?.status === 'joined' && room.document.pending === 0)) return;
    timers.advance(500);
    await settle();
  }
  throw new Error('the clients do not come to rest');
}

function expectConvergence({ server, clients }: World): void {
  for (const { room } of clients) {
    expect([room?.document.content, room?.document.version]).toEqual([server.content, server.version]);
  }
}

test(`${String(HISTORIES)} histories of lost connections and refusals: every letter once, the same text everywhere`, async () => {
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const history = world(seed);
    await live(history, (room) => type(history, room));
    await calmDown(history);
    try {
      expectConvergence(history);
      const { typed, rejected, server } = history;
      const expected = typed.filter((letter) => !rejected.includes(letter));
      expect(lettersOf(String(server.content)).sort()).toEqual(expected.sort());
    } catch (error) {
      throw new Error(`seed ${String(seed)}`, { cause: error });
    }
    for (const client of history.clients) client.disconnect();
    expect(history.timers.set).toBe(0);
  }
});

test(`${String(HISTORIES)} histories that also delete, undo and redo: the same text everywhere`, async () => {
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const history = world(seed + 10_000);
    await live(history, (room) => {
      const dice = history.random.next();
      if (dice < 0.5) type(history, room);
      else if (dice < 0.75) remove(history, room);
      else if (dice < 0.9) room.document.undo();
      else room.document.redo();
    });
    await calmDown(history);
    try {
      expectConvergence(history);
    } catch (error) {
      throw new Error(`seed ${String(seed + 10_000)}`, { cause: error });
    }
    for (const client of history.clients) client.disconnect();
  }
});
