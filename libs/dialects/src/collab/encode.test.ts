import {
  compile,
  newConnectionId,
  newUserId,
  roomCursor,
  roomEvent,
  roomSelection,
  type RoomCursor,
  type RoomEvent,
} from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { MUST } from '../frame.js';
import { anEvent, aParticipant, contentOf, encodedList } from '../testing/collab.js';
import { Down } from './down.js';
import { collab } from './index.js';

const check = compile(Down);
const anyId: unknown = expect.stringMatching(/^[0-9a-f-]{36}$/);
const event = (payload: RoomEvent, body?: string) =>
  anEvent(roomEvent, 'notes', payload, body === undefined ? {} : { body });

function parse(frame: Parameters<typeof contentOf>[0] | undefined): unknown {
  const parsed: unknown = JSON.parse(String(frame === undefined ? '' : contentOf(frame)));
  expect(check.is(parsed) ? undefined : check.explain(parsed)).toBeUndefined();
  return parsed;
}

describe('operations', () => {
  const [first, second] = [
    { id: crypto.randomUUID(), userId: newUserId(), connectionId: newConnectionId(), baseVersion: 4, version: 6 },
    { id: crypto.randomUUID(), userId: newUserId(), connectionId: newConnectionId(), baseVersion: 6, version: 7 },
  ];
  const texts = ['[ 1.0, "ü" ]', '{"ops":[]}'];
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const operations = [
    { ...first, length: lengths[0] ?? 0 },
    { ...second, length: lengths[1] ?? 0 },
  ];

  it('DN4, DN6: each is broadcast as it was applied, byte for byte, under the id of its message', () => {
    const encoded = encodedList(event({ type: 'operations', operations }, texts.join('')));
    expect(encoded.map(({ delivery, except }) => [delivery, except])).toEqual([
      [MUST, first.connectionId],
      [MUST, second.connectionId],
    ]);
    expect(encoded.flatMap(({ frames }) => frames.map(parse))).toMatchObject([
      {
        id: first.id,
        type: 'operation_broadcast',
        version: 1,
        roomId: 'notes',
        payload: { operation: [1, 'ü'], userId: first.userId, version: 4, transformedVersion: 6 },
      },
      { id: second.id, payload: { operation: { ops: [] }, version: 6, transformedVersion: 7 } },
    ]);
    expect(String(contentOf(encoded[0]?.frames[0] ?? { data: '', binary: false }))).toContain(texts[0]);
  });

  it('DN5, UP10: the sender gets its ack instead', () => {
    const encoded = encodedList(event({ type: 'operations', operations }, texts.join('')));
    expect(encoded.flatMap(({ instead = [] }) => instead.map(parse))).toMatchObject([
      { id: anyId, type: 'ack', roomId: 'notes', payload: { messageId: first.id, version: 6 } },
      { type: 'ack', payload: { messageId: second.id, version: 7 } },
    ]);
  });

  it.each([undefined, '', texts[0], `${texts.join('')} `])('a body that is not theirs (%j) is nothing', (body) => {
    expect(encodedList(event({ type: 'operations', operations }, body))).toEqual([]);
  });
});

describe('presence', () => {
  const participant = aParticipant();
  const { userId, connectionId, numericId, name, color, role } = participant;

  it('DN7: who joins is shown to the others, with whose place it takes', () => {
    const replaces = newConnectionId();
    const [encoded] = encodedList(event({ type: 'joined', participant, replaces, at: 5 }));
    expect(encoded).toMatchObject({ except: connectionId, delivery: MUST });
    expect(parse(encoded?.frames[0])).toEqual({
      id: anyId,
      type: 'presence_update',
      version: 1,
      timestamp: 5,
      roomId: 'notes',
      payload: {
        userId,
        presence: { status: 'online', connectionId, numericId, name, color, role, replaces },
        timestamp: 5,
      },
    });
  });

  it('DN7: so is who leaves, and a changed role', () => {
    const [left] = encodedList(event({ type: 'left', participant, at: 5 }));
    expect(parse(left?.frames[0])).toMatchObject({
      payload: { userId, presence: { status: 'offline', connectionId, numericId } },
    });
    const [changed] = encodedList(event({ type: 'role_changed', userId, role: 'viewer', at: 5 }));
    expect(parse(changed?.frames[0])).toMatchObject({ payload: { userId, presence: { role: 'viewer' } } });
  });

  it('DN8: a removal is for the one who was removed, a deletion for the sessions to tell', () => {
    expect(encodedList(event({ type: 'removed', userId, at: 5 }))).toEqual([]);
    expect(encodedList(event({ type: 'deleted', at: 5 }))).toEqual([]);
  });
});

describe('cursors', () => {
  const cursor: RoomCursor = {
    userId: newUserId(),
    numericId: 7,
    connectionId: newConnectionId(),
    x: 1.5,
    y: -2,
    viewport: { x: 10, y: 20 },
    timestamp: 1_700_000_000_123,
    at: 1_700_000_000_200,
  };

  it('DN7, DN9: a cursor is news of which only the newest counts', () => {
    const [encoded] = encodedList(anEvent(roomCursor, 'notes', cursor));
    expect(encoded).toMatchObject({
      except: cursor.connectionId,
      delivery: { class: 'newest', key: `cursor:notes:${cursor.connectionId}` },
    });
    expect(parse(encoded?.frames[0])).toMatchObject({
      timestamp: cursor.at,
      payload: {
        userId: cursor.userId,
        timestamp: cursor.at,
        presence: {
          connectionId: cursor.connectionId,
          numericId: 7,
          cursor: { x: 1.5, y: -2, viewportX: 10, viewportY: 20, timestamp: cursor.timestamp },
        },
      },
    });
  });

  it('BN1, BN6: its binary form has 26 bytes, or 18 without a viewport', () => {
    const [encoded] = encodedList(anEvent(roomCursor, 'notes', cursor));
    expect(contentOf(encoded?.alternative?.[0] ?? { data: '', binary: false })).toEqual(
      Uint8Array.from(
        Buffer.from('0001' + '00000007' + '3fc00000' + 'c0000000' + 'cfe5687b' + '41200000' + '41a00000', 'hex'),
      ),
    );
    const { viewport: _, ...bare } = cursor;
    const [short] = encodedList(anEvent(roomCursor, 'notes', bare));
    expect(contentOf(short?.alternative?.[0] ?? { data: '', binary: false })).toHaveLength(18);
    expect(parse(short?.frames[0])).not.toHaveProperty('payload.presence.cursor.viewportX');
  });

  const selection = { userId: cursor.userId, numericId: 7, connectionId: cursor.connectionId, color: '#fff', at: 9 };
  const selected = (body?: string) =>
    encodedList(anEvent(roomSelection, 'notes', selection, body === undefined ? {} : { body }));

  it('DN7, DN9, BN6: a selection of one range has a binary form', () => {
    const [encoded] = selected('[{"anchor":3,"head":8}]');
    expect(encoded).toMatchObject({ delivery: { class: 'newest', key: `selection:notes:${cursor.connectionId}` } });
    expect(parse(encoded?.frames[0])).toMatchObject({
      payload: { presence: { selection: { ranges: [{ anchor: 3, head: 8 }], color: '#fff' } } },
    });
    expect(contentOf(encoded?.alternative?.[0] ?? { data: '', binary: false })).toEqual(
      Uint8Array.from(Buffer.from('0002' + '00000007' + '40400000' + '41000000' + '00000009', 'hex')),
    );
  });

  it.each(['[]', '[{"anchor":1,"head":2},{"anchor":3,"head":4}]', '[{"start":1}]', '[{"anchor":16777217,"head":0}]'])(
    'BN6: %s has none, and goes as it is',
    (body) => {
      const ranges: unknown = JSON.parse(body);
      const [encoded] = selected(body);
      expect(encoded?.alternative).toBeUndefined();
      expect(parse(encoded?.frames[0])).toMatchObject({
        payload: { presence: { selection: { ranges } } },
      });
    },
  );

  it('BN6: no frame carries what is beyond every number', () => {
    const [encoded] = selected('[{"anchor":1e999,"head":0}]');
    expect(encoded?.alternative).toBeUndefined();
  });

  it.each([undefined, '', '{}', '['])('a selection of %j is nothing', (body) => {
    expect(selected(body)).toEqual([]);
  });
});

it('what does not fit its contract is nothing', () => {
  const good = event({ type: 'deleted', at: 1 });
  expect(encodedList({ ...good, data: new TextEncoder().encode('{"type":"joined"}') })).toEqual([]);
  expect([...collab.encoders.keys()]).toEqual(['room', 'room-cursor', 'room-selection']);
});
