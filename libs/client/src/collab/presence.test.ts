import { textType } from '@parley/ot/text';
import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { alice, bob, envelope, letIn, payloadOf, person, welcome } from '../testing/collab-script.js';
import { ManualTimers } from '../testing/manual-timers.js';
import { ScriptedServer, type Peer } from '../testing/scripted-server.js';
import { decodeBinary, encodeCursor } from './binary-frames.js';
import { CollaborativeClient, type ClientConfig } from './collaborative-client.js';
import type { Room } from './room.js';

let server: ScriptedServer;
let timers: ManualTimers;
let client: CollaborativeClient;

beforeEach(async () => {
  server = await ScriptedServer.start();
  timers = new ManualTimers();
});
afterEach(async () => {
  client.disconnect();
  await server.stop();
});

async function joined(config: Partial<ClientConfig> = {}): Promise<{ readonly peer: Peer; readonly room: Room }> {
  client = new CollaborativeClient({ url: server.url, token: 'jwt', types: [textType], WebSocket, timers, ...config });
  void client.connect();
  const room = client.joinRoom('doc');
  const peer = await server.peer();
  expect(await welcome(peer)).toMatchObject({ token: 'jwt', binary: config.binaryCursors ?? true });
  await letIn(peer, { version: 1, content: '' });
  return { peer, room: await room };
}

function buffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

function presence(userId: string, data: object) {
  return envelope('presence_update', { userId, presence: data, timestamp: 0 }, 'doc');
}

test('a cursor is a binary frame of 18 bytes, of 26 with the viewport, and of those in between only the newest goes out', async () => {
  const { peer } = await joined();
  for (let x = 0; x < 10; x++) client.updateCursor({ x, y: 0.5 });
  await waitFor(() => peer.heardBinary.length === 1, 'the first');
  timers.advance(17);
  await waitFor(() => peer.heardBinary.length === 2, 'the newest');
  client.updateCursor({ x: 1, y: 2, viewportX: 3, viewportY: 4 });
  timers.advance(17);
  await waitFor(() => peer.heardBinary.length === 3, 'the third');
  expect(peer.heardBinary.map(({ length }) => length)).toEqual([18, 18, 26]);
  const decoded = peer.heardBinary.map((bytes) => decodeBinary(buffer(new Uint8Array(bytes))));
  expect(decoded).toMatchObject([
    { kind: 'cursor', x: 0, y: 0.5, viewport: undefined },
    { x: 9, y: 0.5 },
    { x: 1, y: 2, viewport: { x: 3, y: 4 } },
  ]);
});

test('as JSON where that is wished', async () => {
  const { peer } = await joined({ binaryCursors: false });
  client.updateCursor({ x: 1, y: 2 });
  const moved = await peer.hear('cursor_move');
  expect(moved['roomId']).toBe('doc');
  expect(payloadOf(moved)).toMatchObject({ x: 1, y: 2, viewportX: 0, viewportY: 0 });
});

test('binary frames mean the room joined last, so cursors of another go as JSON with its name', async () => {
  const { peer } = await joined();
  const other = client.joinRoom('other');
  await letIn(peer, { version: 1, content: '' }, 'other');
  await other;
  client.updateCursor({ x: 1, y: 1 }, { roomId: 'doc' });
  expect((await peer.hear('cursor_move'))['roomId']).toBe('doc');
  client.updateCursor({ x: 2, y: 2 });
  await waitFor(() => peer.heardBinary.length === 1, 'the binary one');
});

test('selections at most every 100 ms, in the color that the room gave', async () => {
  const { peer } = await joined();
  for (let head = 0; head < 5; head++) client.updateSelection([{ anchor: 0, head }]);
  expect(payloadOf(await peer.hear('selection_change'))).toEqual({
    ranges: [{ anchor: 0, head: 0 }],
    color: alice.color,
  });
  timers.advance(99);
  timers.advance(1);
  expect(payloadOf(await peer.hear('selection_change'))).toMatchObject({ ranges: [{ anchor: 0, head: 4 }] });
});

test('cursors of others come in either form and belong to who moved them', async () => {
  const { peer, room } = await joined();
  const frame = encodeCursor({ x: 4, y: 5 }, 1_000);
  new DataView(frame.buffer).setUint32(2, bob.numericId);
  peer.sayBinary(frame);
  await waitFor(() => room.cursors.get(bob.userId)?.x === 4, 'the binary one');
  peer.say(presence(bob.userId, { connectionId: bob.connectionId, cursor: { x: 6, y: 7, timestamp: 1 } }));
  await waitFor(() => room.cursors.get(bob.userId)?.x === 6, 'the JSON one');
  peer.say(presence(bob.userId, { selection: { ranges: [{ anchor: 1, head: 2 }], color: '#abc' } }));
  await waitFor(() => room.selections.get(bob.userId)?.color === '#abc', 'the selection');
});

test('people come, change, take the place of their earlier connection, and go with their cursors', async () => {
  const { peer, room } = await joined();
  const lists: string[][] = [];
  room.on('participants', (people) => lists.push(people.map(({ name, role }) => `${name} ${role}`)));
  const { userId, ...carol } = person('carol', 3, 'viewer');
  peer.say(presence(userId, { status: 'online', ...carol }));
  peer.say(presence(userId, { cursor: { x: 1, y: 1, timestamp: 1 } }));
  peer.say(presence(userId, { role: 'editor' }));
  peer.say(
    presence(userId, { status: 'online', ...carol, connectionId: 'c-2', replaces: carol.connectionId, role: 'editor' }),
  );
  await waitFor(() => lists.length === 3, 'three lists');
  expect(room.cursors.has(userId)).toBe(true);
  peer.say(presence(userId, { status: 'offline', connectionId: carol.connectionId }));
  peer.say(presence(userId, { status: 'offline', connectionId: 'c-2' }));
  await waitFor(() => lists.length === 4, 'the fourth');
  expect(lists).toEqual([
    ['alice owner', 'bob editor', 'carol viewer'],
    ['alice owner', 'bob editor', 'carol editor'],
    ['alice owner', 'bob editor', 'carol editor'],
    ['alice owner', 'bob editor'],
  ]);
  expect(room.cursors.has(userId)).toBe(false);
});

test('whoever moves how often, listeners are told at most once per 17 ms', async () => {
  const { peer, room } = await joined();
  let told = 0;
  room.on('cursors', () => (told += 1));
  timers.advance(17);
  for (let x = 1; x <= 50; x++) peer.say(presence(bob.userId, { cursor: { x, y: 0, timestamp: x } }));
  await waitFor(() => room.cursors.get(bob.userId)?.x === 50, 'the last');
  expect(told).toBe(1);
  timers.advance(17);
  expect(told).toBe(2);
});

test('frames of another length or kind are passed over', () => {
  expect(decodeBinary(new ArrayBuffer(17))).toBeUndefined();
  expect(decodeBinary(new ArrayBuffer(18))).toBeUndefined();
});
