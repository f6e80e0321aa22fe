import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ack, CollabRig } from '../testing/collab-rig.js';
import { alice, broadcast, envelope, idOf, letIn, payloadOf, refusal, welcome } from '../testing/collab-script.js';
import type { Message } from '../testing/scripted-server.js';
import type { Room } from './room.js';

let rig: CollabRig;

beforeEach(async () => {
  rig = await CollabRig.start();
});
afterEach(() => rig.stop());

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
  const documented: Documented = rig.client;
  expect(documented).toBe(rig.client);
  rig.client.on('status', () => undefined);
  // @ts-expect-error there is no such event
  rig.client.on('statsu', () => undefined);
});

describe('joining', () => {
  test('connect says who it is, join_room brings the document and the people', async () => {
    const { room } = await rig.joined('hello', 7);
    expect(room.document.snapshot).toEqual({
      content: 'hello',
      version: 7,
      pending: 0,
      canUndo: false,
      canRedo: false,
      canEdit: true,
    });
    expect([room.status, room.role, room.participants.length]).toEqual(['joined', 'owner', 2]);
    expect([rig.client.room, rig.client.userId]).toEqual([room, alice.userId]);
  });

  test('an unknown room, and a type that was not given, are refused', async () => {
    void rig.client.connect();
    const refused = expect(rig.client.joinRoom('nowhere')).rejects.toMatchObject({ code: 'not_found' });
    const peer = await rig.server.peer();
    await welcome(peer);
    const join = await peer.hear('join_room');
    peer.say(refusal(2001, false, { messageId: idOf(join) }, 'nowhere'));
    await refused;
    const foreign = expect(rig.client.joinRoom('doc')).rejects.toThrow(/no document type 'json'/);
    await letIn(peer, { version: 1, content: {}, type: 'json' });
    await foreign;
    await peer.hear('leave_room');
    expect(rig.client.room).toBeUndefined();
  });

  test('a service that is away for a moment is asked again', async () => {
    void rig.client.connect();
    const room = rig.client.joinRoom('doc');
    const peer = await rig.server.peer();
    await welcome(peer);
    peer.say(refusal(5002, true, { messageId: idOf(await peer.hear('join_room')) }, 'doc'));
    await waitFor(() => rig.timers.has(500), 'the pause');
    rig.timers.advance(500);
    await letIn(peer, { version: 1, content: '' });
    expect((await room).status).toBe('joined');
  });

  test('a rejected token ends it, a limit of connections does not', async () => {
    const refused = expect(rig.client.connect()).rejects.toMatchObject({ code: 'unauthorized' });
    for (let attempt = 0; attempt < 2; attempt++) {
      const peer = await rig.server.peer();
      peer.say(refusal(1001, false, { messageId: idOf(await peer.hear('connect')) }));
      peer.close(1008);
      await peer.gone();
      rig.timers.advance(1_000);
    }
    await refused;
    const other = rig.make();
    other.connect().catch(() => undefined);
    const limited = await rig.server.peer();
    limited.say(refusal(1002, true, { retryAfterMs: 3_000 }));
    limited.close(1008);
    const status = await waitFor(() => (other.status.state === 'waiting' ? other.status : undefined), 'to wait');
    expect([status.retryInMs, status.error.code]).toEqual([3_000, 'limit_exceeded']);
    other.disconnect();
  });
});

describe('editing', () => {
  test('an edit shows at once, one operation is on its way, and what follows is composed behind it', async () => {
    const { peer, room } = await rig.joined('abc');
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
    const { peer, room } = await rig.joined('abc');
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
    const { peer, room } = await rig.joined('abc');
    const kept = rig.client.sendOperation([3, 'd']);
    peer.say(ack(idOf(await peer.hear('operation')), 2));
    await kept;
    const refused = expect(rig.client.sendOperation([4, 'e'])).rejects.toMatchObject({ code: 'invalid' });
    peer.say(refusal(3001, false, { messageId: idOf(await peer.hear('operation')) }, 'doc'));
    await refused;
    expect(room.document.content).toBe('abcd');
    await expect(rig.client.sendOperation([99, 'x'])).rejects.toMatchObject({ code: 'invalid' });
  });

  test('update() finds the operation by comparing', async () => {
    const { peer, room } = await rig.joined('hello world');
    room.document.update('hello brave world');
    expect(payloadOf(await peer.hear('operation'))['operation']).toEqual([6, 'brave ']);
    room.document.update('hello brave world');
    expect(room.document.pending).toBe(1);
  });

  test('undo and redo are of this user alone; letters of a word are one step', async () => {
    const { peer, room } = await rig.joined('');
    for (const letter of ['a', 'b', 'c'])
      room.document.edit([String(room.document.content).length, letter].filter((part) => part !== 0));
    rig.timers.advance(1_000);
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
    void rig.client.connect();
    const joining = rig.client.joinRoom('doc');
    const peer = await rig.server.peer();
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
    const { peer, room } = await rig.joined('');
    const at: number[] = [];
    let version = 1;
    for (let count = 0; count < 60; count++) {
      room.document.edit(['x'], { merge: true });
      const sent = (): Message | undefined => peer.heard.filter(({ type }) => type === 'operation')[count];
      const operation = await waitFor(async () => {
        if (room.document.pending > 0 && sent() === undefined && rig.timers.next < 100)
          rig.timers.advance(rig.timers.next);
        return sent();
      }, 'the operation');
      at.push(rig.timers.now());
      peer.say(ack(idOf(operation), ++version));
      await room.document.saved();
    }
    const busiest = Math.max(...at.map((start) => at.filter((time) => time >= start && time < start + 1_000).length));
    expect(busiest).toBeLessThanOrEqual(30);
    expect(busiest).toBeGreaterThan(20);
  });

  test('too often, or at a bad moment: sent again, the same', async () => {
    const { peer, room } = await rig.joined('abc');
    room.document.edit(['x']);
    const first = await peer.hear('operation');
    peer.say(refusal(1003, true, { messageId: idOf(first), retryAfterMs: 700 }, 'doc'));
    await waitFor(() => rig.timers.has(700), 'the pause');
    rig.timers.advance(700);
    const second = await peer.hear('operation');
    expect([idOf(second), payloadOf(second)]).toEqual([idOf(first), payloadOf(first)]);
  });
});
