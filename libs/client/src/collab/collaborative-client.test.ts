import { textType } from '@parley/ot/text';
import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  alice,
  bob,
  broadcast,
  envelope,
  idOf,
  letIn,
  payloadOf,
  refusal,
  roomJoined,
  welcome,
} from '../testing/collab-script.js';
import { ManualTimers } from '../testing/manual-timers.js';
import { retryNow } from '../testing/retry-now.js';
import { ScriptedServer, type Message, type Peer } from '../testing/scripted-server.js';
import { CollaborativeClient, type ClientConfig } from './collaborative-client.js';
import type { Room } from './room.js';

let server: ScriptedServer;
let timers: ManualTimers;
let client: CollaborativeClient;

beforeEach(async () => {
  server = await ScriptedServer.start();
  timers = new ManualTimers();
  client = make();
});
afterEach(async () => {
  client.disconnect();
  await server.stop();
});

function make(config: Partial<ClientConfig> = {}): CollaborativeClient {
  return new CollaborativeClient({
    url: server.url,
    token: () => 'jwt',
    types: [textType],
    WebSocket,
    timers,
    ...config,
  });
}

async function joined(content = 'abc', version = 1): Promise<{ readonly peer: Peer; readonly room: Room }> {
  void client.connect();
  const room = client.joinRoom('doc');
  const peer = await server.peer();
  await welcome(peer);
  await letIn(peer, { version, content });
  return { peer, room: await room };
}

/** The socket is lost; the client comes back and says who it was. */
async function again(peer: Peer): Promise<{ readonly peer: Peer; readonly connect: Message }> {
  peer.terminate();
  await retryNow(client, timers);
  const next = await server.peer();
  return { peer: next, connect: await welcome(next, alice, 'c-alice-2') };
}

function ack(messageId: string, version: number) {
  return envelope('ack', { messageId, version }, 'doc');
}

/** The printed class of the protocol's document. */
interface Documented {
  connect(): Promise<void>;
  disconnect(): void;
  joinRoom(roomId: string): Promise<Room>;
  leaveRoom(roomId: string): void;
  sendOperation(operation: unknown): Promise<void>;
  updateCursor(position: { x: number; y: number }): void;
  updateSelection(ranges: object[]): void;
}

test('it has the surface of the document', () => {
  const documented: Documented = client;
  expect(documented).toBe(client);
  client.on('status', () => undefined);
  // @ts-expect-error there is no such event
  client.on('statsu', () => undefined);
});

describe('joining', () => {
  test('connect says who it is, join_room brings the document and the people', async () => {
    const { room } = await joined('hello', 7);
    expect(room.document.snapshot).toEqual({
      content: 'hello',
      version: 7,
      pending: 0,
      canUndo: false,
      canRedo: false,
      canEdit: true,
    });
    expect([room.status, room.role, room.participants.length]).toEqual(['joined', 'owner', 2]);
    expect([client.room, client.userId]).toEqual([room, alice.userId]);
  });

  test('an unknown room, and a type that was not given, are refused', async () => {
    void client.connect();
    const refused = expect(client.joinRoom('nowhere')).rejects.toMatchObject({ code: 'not_found' });
    const peer = await server.peer();
    await welcome(peer);
    const join = await peer.hear('join_room');
    peer.say(refusal(2001, false, { messageId: idOf(join) }, 'nowhere'));
    await refused;
    const foreign = expect(client.joinRoom('doc')).rejects.toThrow(/no document type 'json'/);
    await letIn(peer, { version: 1, content: {}, type: 'json' });
    await foreign;
    await peer.hear('leave_room');
    expect(client.room).toBeUndefined();
  });

  test('a service that is away for a moment is asked again', async () => {
    void client.connect();
    const room = client.joinRoom('doc');
    const peer = await server.peer();
    await welcome(peer);
    peer.say(refusal(5002, true, { messageId: idOf(await peer.hear('join_room')) }, 'doc'));
    await waitFor(() => timers.has(500), 'the pause');
    timers.advance(500);
    await letIn(peer, { version: 1, content: '' });
    expect((await room).status).toBe('joined');
  });

  test('a rejected token ends it, a limit of connections does not', async () => {
    const refused = expect(client.connect()).rejects.toMatchObject({ code: 'unauthorized' });
    for (let attempt = 0; attempt < 2; attempt++) {
      const peer = await server.peer();
      peer.say(refusal(1001, false, { messageId: idOf(await peer.hear('connect')) }));
      peer.close(1008);
      await peer.gone();
      timers.advance(1_000);
    }
    await refused;
    client = make();
    client.connect().catch(() => undefined);
    const limited = await server.peer();
    limited.say(refusal(1002, true, { retryAfterMs: 3_000 }));
    limited.close(1008);
    const status = await waitFor(() => (client.status.state === 'waiting' ? client.status : undefined), 'to wait');
    expect([status.retryInMs, status.error.code]).toEqual([3_000, 'limit_exceeded']);
  });
});

describe('editing', () => {
  test('an edit shows at once, one operation is on its way, and what follows is composed behind it', async () => {
    const { peer, room } = await joined('abc');
    room.document.edit([3, 'd']);
    room.document.edit([4, 'e']);
    room.document.edit([5, 'f']);
    expect([room.document.content, room.document.pending]).toEqual(['abcdef', 2]);
    const first = await peer.hear('operation');
    expect(payloadOf(first)).toEqual({ operation: [3, 'd'], version: 1 });
    peer.say(ack(idOf(first), 2));
    const second = await peer.hear('operation');
    expect(payloadOf(second)).toEqual({ operation: [4, 'ef'], version: 2 });
    peer.say(ack(idOf(second), 3));
    await room.document.saved();
    expect([room.document.version, room.document.pending]).toEqual([3, 0]);
  });

  test("others' operations are fitted to what is here", async () => {
    const { peer, room } = await joined('abc');
    const changes: unknown[] = [];
    room.on('change', (change) => changes.push(change));
    room.document.edit([3, '!']);
    const own = await peer.hear('operation');
    peer.say(broadcast('doc', 'of-bob', ['>'], 2));
    peer.say(ack(idOf(own), 3));
    await room.document.saved();
    expect([room.document.content, room.document.version]).toEqual(['>abc!', 3]);
    expect(changes).toEqual([
      { operation: [3, '!'], origin: 'local' },
      { operation: ['>'], origin: 'remote' },
    ]);
  });

  test('sendOperation resolves when it is durable, and rejects when it is refused and taken back', async () => {
    const { peer, room } = await joined('abc');
    const kept = client.sendOperation([3, 'd']);
    peer.say(ack(idOf(await peer.hear('operation')), 2));
    await kept;
    const refused = expect(client.sendOperation([4, 'e'])).rejects.toMatchObject({ code: 'invalid' });
    peer.say(refusal(3001, false, { messageId: idOf(await peer.hear('operation')) }, 'doc'));
    await refused;
    expect(room.document.content).toBe('abcd');
    await expect(client.sendOperation([99, 'x'])).rejects.toMatchObject({ code: 'invalid' });
  });

  test('update() finds the operation by comparing', async () => {
    const { peer, room } = await joined('hello world');
    room.document.update('hello brave world');
    expect(payloadOf(await peer.hear('operation'))['operation']).toEqual([6, 'brave ']);
    room.document.update('hello brave world');
    expect(room.document.pending).toBe(1);
  });

  test('undo and redo are of this user alone; letters of a word are one step', async () => {
    const { peer, room } = await joined('');
    for (const letter of ['a', 'b', 'c'])
      room.document.edit([String(room.document.content).length, letter].filter((part) => part !== 0));
    timers.advance(1_000);
    room.document.edit([3, '!']);
    peer.say(ack(idOf(await peer.hear('operation')), 2));
    peer.say(broadcast('doc', 'of-bob', [1, 'BOB'], 3));
    await waitFor(() => room.document.content === 'aBOBbc!', 'bob');
    expect([room.document.undo(), room.document.content]).toEqual([true, 'aBOBbc']);
    expect([room.document.undo(), room.document.content]).toEqual([true, 'BOB']);
    expect([room.document.undo(), room.document.canRedo]).toEqual([false, true]);
    room.document.redo();
    expect([room.document.redo(), room.document.content]).toEqual([true, 'aBOBbc!']);
  });

  test('a viewer edits nothing, and becomes an editor when the owner says so', async () => {
    void client.connect();
    const joining = client.joinRoom('doc');
    const peer = await server.peer();
    await welcome(peer);
    await letIn(peer, { version: 1, content: 'abc', participants: [{ ...alice, role: 'viewer' }] });
    const room = await joining;
    expect([room.document.canEdit, room.role]).toEqual([false, 'viewer']);
    expect(() => room.document.edit(['x'])).toThrow(expect.objectContaining({ code: 'forbidden' }));
    const changed = new Promise((resolve) => room.on('document', resolve));
    peer.say(envelope('presence_update', { userId: alice.userId, presence: { role: 'editor' }, timestamp: 0 }, 'doc'));
    expect(await changed).toMatchObject({ canEdit: true });
  });

  test('never more than 30 operations in any second', async () => {
    const { peer, room } = await joined('');
    const at: number[] = [];
    let version = 1;
    for (let count = 0; count < 60; count++) {
      room.document.edit(['x'], { merge: true });
      const sent = (): Message | undefined => peer.heard.filter(({ type }) => type === 'operation')[count];
      const operation = await waitFor(async () => {
        if (room.document.pending > 0 && sent() === undefined && timers.next < 100) timers.advance(timers.next);
        return sent();
      }, 'the operation');
      at.push(timers.now());
      peer.say(ack(idOf(operation), ++version));
      await room.document.saved();
    }
    const busiest = Math.max(...at.map((start) => at.filter((time) => time >= start && time < start + 1_000).length));
    expect(busiest).toBeLessThanOrEqual(30);
    expect(busiest).toBeGreaterThan(20);
  });

  test('too often, or at a bad moment: sent again, the same', async () => {
    const { peer, room } = await joined('abc');
    room.document.edit(['x']);
    const first = await peer.hear('operation');
    peer.say(refusal(1003, true, { messageId: idOf(first), retryAfterMs: 700 }, 'doc'));
    await waitFor(() => timers.has(700), 'the pause');
    timers.advance(700);
    const second = await peer.hear('operation');
    expect([idOf(second), payloadOf(second)]).toEqual([idOf(first), payloadOf(first)]);
  });
});

describe('coming back', () => {
  test('it takes the place of its earlier connection and asks for what it missed, then sends again, once', async () => {
    const { peer, room } = await joined('abc', 5);
    room.document.edit([3, 'd']);
    const sent = await peer.hear('operation');
    const back = await again(peer);
    expect(back.connect['connectionId']).toBe(alice.connectionId);
    room.document.edit([4, 'e']);
    const missed = { id: 'of-bob', operation: ['>'], userId: bob.userId, version: 5, transformedVersion: 6 };
    const asked = await letIn(back.peer, { version: 6, operations: [missed] });
    expect(asked).toEqual({ roomId: 'doc', lastSyncVersion: 5 });
    const resent = await back.peer.hear('operation');
    expect([idOf(resent), payloadOf(resent)]).toEqual([idOf(sent), { operation: [4, 'd'], version: 6 }]);
    back.peer.say(ack(idOf(resent), 7));
    const next = await back.peer.hear('operation');
    expect(payloadOf(next)).toEqual({ operation: [5, 'e'], version: 7 });
    expect(room.document.content).toBe('>abcde');
  });

  test('one that had arrived before the connection was lost is not applied again', async () => {
    const { peer, room } = await joined('abc', 5);
    const saved = client.sendOperation([3, 'd']);
    const sent = await peer.hear('operation');
    const back = await again(peer);
    const own = { id: idOf(sent), operation: [3, 'd'], userId: alice.userId, version: 5, transformedVersion: 6 };
    await letIn(back.peer, { version: 6, operations: [own] });
    await saved;
    expect([room.document.content, room.document.pending]).toEqual(['abcd', 0]);
    room.document.edit(['>']);
    expect(payloadOf(await back.peer.hear('operation'))).toEqual({ operation: ['>'], version: 6 });
  });

  test('too long away: the whole document anew, with what was edited meanwhile on top', async () => {
    const { peer, room } = await joined('one two', 5);
    peer.terminate();
    await waitFor(() => client.status.state === 'waiting', 'to wait');
    expect(room.status).toBe('offline');
    room.document.edit([7, ' three']);
    await retryNow(client, timers);
    const next = await server.peer();
    await welcome(next);
    await letIn(next, { version: 900, content: 'zero one two' });
    expect(payloadOf(await next.hear('operation'))).toEqual({ operation: [12, ' three'], version: 900 });
    expect(room.document.content).toBe('zero one two three');
  });

  test('a gap in what comes: it asks for the rest; what cannot be brought together is loaded anew', async () => {
    const { peer, room } = await joined('abc', 5);
    peer.say(broadcast('doc', 'later', [4, '!'], 7));
    const asked = await peer.hear('join_room');
    expect(payloadOf(asked)).toEqual({ roomId: 'doc', lastSyncVersion: 5 });
    const operations = [
      { id: 'x', operation: ['x'], userId: bob.userId, version: 5, transformedVersion: 6 },
      { id: 'later', operation: [4, '!'], userId: bob.userId, version: 6, transformedVersion: 7 },
    ];
    peer.say(roomJoined('doc', { version: 7, operations }));
    await waitFor(() => room.document.content === 'xabc!', 'the rest');
    peer.say(broadcast('doc', 'misfit', [99, 'x'], 8));
    expect(payloadOf(await peer.hear('join_room'))).toEqual({ roomId: 'doc' });
  });

  test('a base that the server does not know any more: the same operation, on the document as it is', async () => {
    const { peer, room } = await joined('abc', 5);
    room.document.edit([3, 'd']);
    const sent = await peer.hear('operation');
    peer.say(refusal(3002, true, { messageId: idOf(sent), currentVersion: 9 }, 'doc'));
    await letIn(peer, { version: 9, content: '>abc' });
    const resent = await peer.hear('operation');
    expect([idOf(resent), payloadOf(resent)]).toEqual([idOf(sent), { operation: [4, 'd'], version: 9 }]);
  });

  test('an operation without an answer is asked after', async () => {
    const { peer, room } = await joined('abc', 5);
    room.document.edit([3, 'd']);
    const sent = await peer.hear('operation');
    timers.advance(15_000);
    const own = { id: idOf(sent), operation: [3, 'd'], userId: alice.userId, version: 5, transformedVersion: 6 };
    await letIn(peer, { version: 6, operations: [own] });
    await room.document.saved();
  });

  test('disconnect() keeps rooms and edits for the next connect()', async () => {
    const { peer, room } = await joined('abc', 5);
    client.disconnect();
    expect(await peer.gone()).toBe(1000);
    room.document.edit([3, 'd']);
    void client.connect();
    const next = await server.peer();
    await welcome(next);
    await letIn(next, { version: 5, operations: [] });
    expect(payloadOf(await next.hear('operation'))).toEqual({ operation: [3, 'd'], version: 5 });
    expect(room).toBe(client.room);
  });

  test('a room that was taken away says so, and its text can still be read', async () => {
    const { peer, room } = await joined('abc', 5);
    const lost = new Promise((resolve) => client.on('roomLost', (_, error) => resolve(error)));
    const waiting = expect(client.sendOperation(['x'])).rejects.toMatchObject({ code: 'not_found' });
    peer.say(refusal(2001, false, {}, 'doc'));
    expect(await lost).toMatchObject({ code: 'not_found' });
    await waiting;
    expect([room.status, room.document.canEdit, room.document.content]).toEqual(['left', false, 'xabc']);
  });
});
