import { newConnectionId, newUserId, ok, roomCursor, roomEvent, rooms } from '@parley/contracts';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  aJoinReply,
  aLogin,
  aMember,
  anEvent,
  aParticipant,
  aRoomId,
  aSession,
  CHECKSUM,
  contentOf,
  encodedList,
} from '../testing/collab.js';
import { decodeText } from './decode.js';
import { codes, payloads } from './down.js';
import { up } from './up.js';

/** Every message of the protocol's document, in its order, with the fields that it prints. */
const base = { id: '3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e4f', version: 1, timestamp: 1_700_000_000_000 };
const everything = { sessionId: 'session', roomId: 'dashboard-1', targetUserId: 'user', acknowledgment: true };
const connect = { type: 'connect', payload: { token: 'jwt', deviceId: 'device', clientVersion: '1.0.0' } };
const join = { type: 'join_room', payload: { roomId: 'dashboard-1', lastSyncVersion: 4 } };
const move = { type: 'cursor_move', payload: { x: 1, y: 2, viewportX: 3, viewportY: 4, timestamp: 5 } };
const select = { type: 'selection_change', payload: { ranges: [{ anchor: 1, head: 2 }], color: '#ff0000' } };
const operation = { type: 'operation', payload: { operation: ['a'], version: 5, checksum: CHECKSUM } };
const ping = { type: 'ping', payload: { timestamp: 5 } };
const plain = { type: 'batch', payload: { messages: [{ ...base, ...ping }], compressed: false } };
const packed = gzipSync(JSON.stringify(plain.payload.messages)).toString('base64');
const compressed = { type: 'batch', payload: { messages: packed, compressed: true } };

const anyId: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/);
const parsed = (frame: Parameters<typeof contentOf>[0] | undefined): unknown =>
  JSON.parse(String(frame === undefined ? '' : contentOf(frame)));

describe('messages of the client in the document', () => {
  it.each([connect, join, move, select, operation, ping, plain, compressed])('UP1: $type is read', (example) => {
    for (const more of [{}, everything]) {
      const decoded = decodeText(JSON.stringify({ ...base, ...more, ...example }));
      expect(decoded).toMatchObject({ kind: 'message', message: { id: base.id } });
    }
  });

  it('UP1: and these, leave_room and auth are all that there are', () => {
    const examples = [connect, join, move, select, operation, ping, plain].map(({ type }) => type);
    expect(Object.keys(up).sort()).toEqual([...examples, 'leave_room', 'auth'].sort());
  });
});

describe('messages of the server in the document', () => {
  it('connected', async () => {
    const login = aLogin();
    const connectionId = newConnectionId();
    const harness = aSession({ connectionId });
    await harness.open(ok(login));
    expect(harness.take()).toEqual([
      {
        id: anyId,
        type: 'connected',
        version: 1,
        timestamp: harness.now,
        payload: { connectionId, userId: login.userId, serverTime: harness.now, protocol: 1 },
      },
    ]);
  });

  it('room_joined', async () => {
    const { harness } = await aMember();
    const participant = aParticipant();
    harness.answer(rooms.join, () => ok(aJoinReply({ participant, participants: [participant] })));
    await harness.send({ ...base, type: 'join_room', payload: { roomId: 'dashboard-1' } });
    expect(harness.take()).toMatchObject([
      {
        type: 'room_joined',
        roomId: 'dashboard-1',
        payload: {
          roomId: 'dashboard-1',
          participants: [participant],
          documentState: { type: 'text', content: 'hello', checksum: CHECKSUM },
          version: 5,
        },
      },
    ]);
  });

  it('presence_update', () => {
    const [userId, connectionId] = [newUserId(), newConnectionId()];
    const cursor = { userId, connectionId, numericId: 7, x: 1, y: 2, timestamp: 5, at: 9 };
    const [encoded] = encodedList(anEvent(roomCursor, aRoomId(), cursor));
    expect(parsed(encoded?.frames[0])).toMatchObject({
      type: 'presence_update',
      payload: { userId, presence: { cursor: { x: 1, y: 2, timestamp: 5 } }, timestamp: 9 },
    });
  });

  it('operation_broadcast', () => {
    const [userId, connectionId] = [newUserId(), newConnectionId()];
    const applied = { id: base.id, userId, connectionId, baseVersion: 4, version: 6, length: 5 };
    const event = anEvent(roomEvent, aRoomId(), { type: 'operations', operations: [applied] }, { body: '["a"]' });
    const [encoded] = encodedList(event);
    expect(parsed(encoded?.frames[0])).toEqual({
      id: base.id,
      type: 'operation_broadcast',
      version: 1,
      timestamp: 0,
      roomId: 'notes',
      payload: { operation: ['a'], userId, version: 4, transformedVersion: 6 },
    });
  });

  it('error, pong', async () => {
    const { harness } = await aMember();
    await harness.send({ ...base, type: 'nonsense', payload: {} });
    await harness.send({ ...base, ...ping });
    expect(harness.take()).toEqual([
      {
        id: anyId,
        type: 'error',
        version: 1,
        timestamp: harness.now,
        payload: {
          code: 3001,
          message: 'Unknown message type "nonsense"',
          details: { messageId: base.id, field: 'type' },
          recoverable: false,
        },
      },
      {
        id: anyId,
        type: 'pong',
        version: 1,
        timestamp: harness.now,
        payload: { timestamp: 5, serverTime: harness.now },
      },
    ]);
  });

  it('ER1: and the codes are those of the document', () => {
    expect(codes).toEqual([1001, 1002, 1003, 2001, 2002, 2003, 3001, 3002, 3003, 5001, 5002]);
    expect(Object.keys(payloads)).toHaveLength(8);
  });
});
