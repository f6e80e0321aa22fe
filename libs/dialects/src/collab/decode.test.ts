import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { binaryFrame, jsonFrame, textFrame, type Frame } from '../frame.js';
import { contentOf, message, operationOf } from '../testing/collab.js';
import { decode, decodeBinary, MAX_OPERATION_DEPTH, unpackBatch } from './decode.js';
import { encodeCursor } from './encode.js';

const connectPayload = { token: 't', deviceId: 'd', clientVersion: '1' };
const cursor = { x: 1, y: 2, viewportX: 3, viewportY: 4, timestamp: 5 };
const selection = { ranges: [{ anchor: 1, head: 2 }], color: '#fff' };
const operation = { operation: ['a'], version: 1 };

/** A message that is right, spoilt, and the path that has to be named. */
const spoiled: readonly (readonly [unknown, string])[] = [
  [[], 'frame'],
  [null, 'frame'],
  ['ping', 'frame'],
  [{}, 'type'],
  [message('ping', { timestamp: 1 }, { type: 7 }), 'type'],
  [message('dance', {}), 'type'],
  [message('toString', {}), 'type'],
  [message('__proto__', {}), 'type'],
  [message('connected', {}), 'type'],
  [message('ping', { timestamp: 1 }, { id: undefined }), 'id'],
  [message('ping', { timestamp: 1 }, { id: 'msg-1' }), 'id'],
  [message('ping', { timestamp: 1 }, { version: 2 }), 'version'],
  [message('ping', { timestamp: 1 }, { version: '1' }), 'version'],
  [message('ping', { timestamp: 1 }, { version: undefined }), 'version'],
  [message('ping', { timestamp: 1 }, { timestamp: 'now' }), 'timestamp'],
  [message('ping', { timestamp: 1 }, { roomId: 'no room' }), 'roomId'],
  [message('ping', { timestamp: 1 }, { sessionId: 1 }), 'sessionId'],
  [message('ping', { timestamp: 1 }, { acknowledgment: 'yes' }), 'acknowledgment'],
  [message('ping', undefined), 'payload'],
  [message('ping', {}), 'payload.timestamp'],
  [message('connect', { ...connectPayload, token: '' }), 'payload.token'],
  [message('connect', { ...connectPayload, deviceId: 1 }), 'payload.deviceId'],
  [message('connect', { ...connectPayload, clientVersion: undefined }), 'payload.clientVersion'],
  [message('connect', { ...connectPayload, connectionId: 'x' }), 'payload.connectionId'],
  [message('connect', { ...connectPayload, binary: 1 }), 'payload.binary'],
  [message('join_room', {}), 'payload.roomId'],
  [message('join_room', { roomId: 'a.*' }), 'payload.roomId'],
  [message('join_room', { roomId: 'a', lastSyncVersion: -1 }), 'payload.lastSyncVersion'],
  [message('join_room', { roomId: 'a', lastSyncVersion: 1.5 }), 'payload.lastSyncVersion'],
  [message('leave_room', {}), 'payload.roomId'],
  [message('cursor_move', { ...cursor, x: '1' }), 'payload.x'],
  [message('cursor_move', { ...cursor, y: null }), 'payload.y'],
  [message('cursor_move', { ...cursor, x: 1e39 }), 'payload.x'],
  [message('cursor_move', { ...cursor, viewportX: undefined }), 'payload.viewportX'],
  [message('cursor_move', { ...cursor, timestamp: -1 }), 'payload.timestamp'],
  [message('selection_change', { ...selection, ranges: {} }), 'payload.ranges'],
  [message('selection_change', { ...selection, ranges: [1] }), 'payload.ranges.0'],
  [message('selection_change', { ...selection, ranges: Array(101).fill({}) }), 'payload.ranges'],
  [message('selection_change', { ...selection, ranges: [{ text: 'x'.repeat(16_384) }] }), 'payload.ranges'],
  [message('selection_change', { ...selection, ranges: [nested(40)] }), 'payload.ranges'],
  [message('selection_change', { ...selection, color: 1 }), 'payload.color'],
  [message('operation', { version: 1 }), 'payload.operation'],
  [message('operation', { ...operation, version: 0 }), 'payload.version'],
  [message('operation', { ...operation, version: '1' }), 'payload.version'],
  [message('operation', { ...operation, checksum: 1 }), 'payload.checksum'],
  [message('operation', { ...operation, operation: nested(MAX_OPERATION_DEPTH + 1) }), 'payload.operation'],
  [message('operation', { ...operation, operation: 'x'.repeat(1_048_576) }), 'payload.operation'],
  [message('batch', { messages: [], compressed: false }), 'payload.messages'],
  [message('batch', { messages: Array(101).fill({}), compressed: false }), 'payload.messages'],
  [message('batch', { messages: 'H4sI', compressed: false }), 'payload.messages'],
  [message('batch', { messages: [{}], compressed: true }), 'payload.messages'],
  [message('batch', { messages: '%%%', compressed: true }), 'payload.messages'],
  [message('batch', { messages: [{}] }), 'payload.compressed'],
  [message('auth', {}), 'payload.token'],
];

function nested(levels: number): unknown {
  let value: unknown = {};
  for (let i = 0; i < levels; i++) value = { a: value };
  return value;
}

describe('decode', () => {
  it.each(spoiled.map(([value, field]) => [field, JSON.stringify(value).slice(0, 120), value] as const))(
    'UP1, ER3: names %s of %s',
    (field, _, value) => {
      const decoded = decode(jsonFrame(value));
      expect(decoded).toMatchObject({ kind: 'malformed', field });
    },
  );

  it.each(['', '{', '{"type":"ping"}x', '\ufeff{}', "{'type':'ping'}"])('ER3: %j is no message', (text) => {
    expect(decode(textFrame(text))).toMatchObject({ kind: 'malformed', field: 'frame' });
    expect(decode(textFrame(new TextEncoder().encode(text)))).toMatchObject({ kind: 'malformed', field: 'frame' });
  });

  it('ER1: tells which message was bad, where that can be read', () => {
    const bad = message('ping', {});
    expect(decode(jsonFrame(bad))).toMatchObject({ kind: 'malformed', messageId: bad.id });
    expect(decode(jsonFrame({ ...bad, id: 7 }))).not.toHaveProperty('messageId');
    expect(decode(jsonFrame({ ...bad, id: 'x'.repeat(65) }))).not.toHaveProperty('messageId');
  });

  it('UP1: ignores fields that it does not know', () => {
    const sent = message('ping', { timestamp: 1, more: 1 }, { extra: true, targetUserId: 'u', sessionId: 's' });
    expect(decode(jsonFrame(sent))).toMatchObject({ kind: 'message', message: { type: 'ping' } });
  });

  it.each(['null', '0', '[ "a" , 1.0 ]', '{ "ops" : [] }', '12345678901234567890', '"\\u0041\\/"'])(
    'UP9: keeps the operation %s as it was written',
    (text) => {
      const { id } = message('operation', {});
      const json = `{"payload":{"version":3, "operation": ${text} },"id":"${id}","type":"operation","version":1,"timestamp":1}`;
      for (const data of [json, new TextEncoder().encode(json)]) {
        const decoded = decode(textFrame(data));
        if (decoded.kind !== 'message' || decoded.message.type !== 'operation') throw new Error('no operation');
        expect(new TextDecoder().decode(decoded.message.operation)).toBe(text);
        expect(decoded.message.version).toBe(3);
      }
    },
  );

  it('LM6: an operation may be as long and as deep as is said', () => {
    for (const fits of ['x'.repeat(1_048_574), nested(MAX_OPERATION_DEPTH - 1)]) {
      expect(decode(jsonFrame(message('operation', { operation: fits, version: 1 })))).toMatchObject({
        kind: 'message',
      });
    }
  });

  it('never throws, whatever comes', () => {
    const shaped = fc.record(
      {
        id: fc.oneof(fc.uuid(), fc.jsonValue()),
        type: fc.constantFrom('connect', 'join_room', 'cursor_move', 'selection_change', 'operation', 'batch', 'x'),
        version: fc.constantFrom(1, 2, '1'),
        timestamp: fc.oneof(fc.nat(), fc.jsonValue()),
        roomId: fc.oneof(fc.constant('notes'), fc.jsonValue()),
        payload: fc.oneof(
          fc.jsonValue(),
          fc.record(
            {
              roomId: fc.constant('notes'),
              operation: fc.jsonValue(),
              version: fc.integer(),
              ranges: fc.array(fc.object()),
              color: fc.string(),
              messages: fc.oneof(fc.array(fc.jsonValue()), fc.base64String(), fc.string()),
              compressed: fc.boolean(),
            },
            { requiredKeys: [] },
          ),
        ),
      },
      { requiredKeys: ['type'] },
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      shaped.map((one) => JSON.stringify(one)),
    );
    fc.assert(
      fc.property(text, (data) => {
        expect(['message', 'malformed']).toContain(decode(textFrame(data)).kind);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (data) => {
        decode(textFrame(data));
        decode(binaryFrame(data));
        unpackBatch(data);
      }),
      { numRuns: 2_000 },
    );
  });

  it('survives nesting that would overflow a stack', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    const { id } = message('operation', {});
    const around = (type: string, payload: string) =>
      `{"id":"${id}","type":"${type}","version":1,"timestamp":1,"payload":${payload}}`;
    for (const text of [
      deep,
      around('ping', deep),
      around('operation', `{"version":1,"operation":${deep}}`),
      around('selection_change', `{"color":"","ranges":[{"a":${deep}}]}`),
    ]) {
      expect(decode(textFrame(text)).kind).toBe('malformed');
    }
  });

  it('LM6: a long frame that is nested without end is refused before it is parsed', () => {
    const around = (operation: string): string =>
      JSON.stringify(operationOf(0)).replace('"operation":0', `"operation":${operation}`);
    const nested = (levels: number): string =>
      `["${'['.repeat(100_000)}",${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}]`;
    const deepest = around(nested(MAX_OPERATION_DEPTH));
    expect(decode(textFrame(deepest)).kind).toBe('message');
    const batched = JSON.stringify(message('batch', { messages: [0], compressed: false })).replace(
      '[0]',
      `[${deepest}]`,
    );
    expect(decode(textFrame(batched))).toMatchObject({ message: { items: [{ length: deepest.length }] } });
    const parse = vi.spyOn(JSON, 'parse');
    expect(decode(textFrame(around(nested(1_000))))).toMatchObject({ kind: 'malformed', field: 'frame' });
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });
});

describe('unpackBatch', () => {
  it('UP14: takes an array of 1 to 100 messages, each as it was written', () => {
    const items = unpackBatch(new TextEncoder().encode('[ {"a": 1.0} ,2]'));
    if ('kind' in items) throw new Error(items.message);
    expect(items.map((item) => new TextDecoder().decode(item))).toEqual(['{"a": 1.0}', '2']);
  });

  it('UP14: one that is nested without end is refused before it is parsed; brackets in texts are none', () => {
    const nested = (levels: number): string => `["${'['.repeat(200)}\\"[",${'['.repeat(levels)}${']'.repeat(levels)}]`;
    expect(unpackBatch(new TextEncoder().encode(nested(MAX_OPERATION_DEPTH)))).toHaveLength(2);
    const parse = vi.spyOn(JSON, 'parse');
    expect(unpackBatch(new TextEncoder().encode(nested(1_000)))).toMatchObject({ field: 'payload.messages' });
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it.each(['', '{}', '[]', JSON.stringify(Array(101).fill(1))])('UP14: %s is none', (text) => {
    expect(unpackBatch(new TextEncoder().encode(text))).toMatchObject({ field: 'payload.messages' });
  });
});

describe('binary frames', () => {
  const frame = (bytes: number, fill: (view: DataView) => void): Frame => {
    const view = new DataView(new ArrayBuffer(bytes));
    view.setUint16(0, 1);
    fill(view);
    return binaryFrame(new Uint8Array(view.buffer));
  };

  it.each([
    ['frame', 0, () => undefined],
    ['frame', 17, () => undefined],
    ['frame', 19, () => undefined],
    ['frame', 22, () => undefined],
    ['frame', 27, () => undefined],
    ['frame.type', 18, (view: DataView) => view.setUint16(0, 0)],
    ['frame.type', 26, (view: DataView) => view.setUint16(0, 3)],
    ['frame.type', 18, (view: DataView) => view.setUint16(0, 0x100)],
    ['frame.x', 18, (view: DataView) => view.setFloat32(6, NaN)],
    ['frame.y', 18, (view: DataView) => view.setFloat32(10, -Infinity)],
    ['frame.viewportX', 26, (view: DataView) => view.setFloat32(18, NaN)],
    ['frame.viewportY', 26, (view: DataView) => view.setFloat32(22, Infinity)],
  ] as const)('BN1, BN5: %s is named, with %i bytes', (field, bytes, spoil) => {
    const spoilt =
      bytes < 18
        ? binaryFrame(new Uint8Array(bytes))
        : frame(bytes, (view) => {
            spoil(view);
          });
    expect(decode(spoilt)).toMatchObject({ kind: 'malformed', field });
  });

  it('BN3: X and Y of a selection are anchor and head', () => {
    const bytes = frame(26, (view) => {
      view.setUint16(0, 2);
      view.setFloat32(6, 4);
      view.setFloat32(10, 9);
      view.setFloat32(18, NaN);
    });
    expect(decode(bytes)).toEqual({ kind: 'message', message: { type: 'binary_selection', anchor: 4, head: 9 } });
  });

  it('BN1, BN2: what is written is read again, whoever it says it is', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true });
    const cursors = fc.record(
      { x: float, y: float, viewport: fc.record({ x: float, y: float }), timestamp: fc.nat(0xffff_ffff) },
      { requiredKeys: ['x', 'y', 'timestamp'] },
    );
    fc.assert(
      fc.property(cursors, fc.nat(0xffff_ffff), ({ viewport, ...rest }, numericId) => {
        const sent = { ...rest, ...(viewport === undefined ? {} : { viewport }) };
        const bytes = contentOf(encodeCursor(numericId, sent));
        if (typeof bytes === 'string') throw new Error('not binary');
        expect(bytes.length).toBe(viewport === undefined ? 18 : 26);
        expect(new DataView(bytes.buffer).getUint32(2)).toBe(numericId);
        expect(decodeBinary(bytes)).toEqual({ kind: 'message', message: { type: 'binary_cursor', cursor: sent } });
      }),
    );
  });

  it('BN7: of a large timestamp the low 32 bits', () => {
    const { data } = encodeCursor(1, { x: 0, y: 0, timestamp: 0x12_3456_789a + 0.5 });
    expect(decode({ data, binary: true })).toMatchObject({ message: { cursor: { timestamp: 0x3456_789a } } });
  });
});
