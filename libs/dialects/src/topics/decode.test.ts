import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binaryFrame, jsonFrame, textFrame } from '../frame.js';
import { decode } from './decode.js';
import { encodeBinary } from './encode.js';

const message = (value: unknown) => decode(jsonFrame(value));

/** Field by field: a message that is right, a change that spoils it, and the path that has to be named. */
const spoiled: readonly (readonly [unknown, string])[] = [
  [{ data: {} }, 'type'],
  [{ type: 7, data: {} }, 'type'],
  [{ type: 'Nonsense', data: {} }, 'type'],
  [{ type: 'toString', data: {} }, 'type'],
  [{ type: '__proto__', data: {} }, 'type'],
  [{ type: 'X-', data: {} }, 'type'],
  [{ type: 'X-a b', data: {} }, 'type'],
  [{ type: 'Ping' }, 'data'],
  [{ type: 'Ping', data: {} }, 'data.timestamp'],
  [{ type: 'Ping', data: { timestamp: '1' } }, 'data.timestamp'],
  [{ type: 'Ping', data: { timestamp: 1 }, id: 5 }, 'id'],
  [{ type: 'Ping', data: { timestamp: 1 }, id: 'x'.repeat(257) }, 'id'],
  [{ type: 'Ping', data: { timestamp: 1 }, timestamp: 'now' }, 'timestamp'],
  [{ type: 'Subscribe', data: { topics: [] } }, 'data.topics'],
  [{ type: 'Subscribe', data: { topics: 'a' } }, 'data.topics'],
  [{ type: 'Subscribe', data: { topics: ['ok', 'not ok'] } }, 'data.topics.1'],
  [{ type: 'Subscribe', data: { topics: ['a.>.b'] } }, 'data.topics.0'],
  [{ type: 'Subscribe', data: { topics: ['a'.repeat(257)] } }, 'data.topics.0'],
  [{ type: 'Subscribe', data: { topics: [Array(17).fill('a').join('.')] } }, 'data.topics.0'],
  [{ type: 'Subscribe', data: { topics: ['a'], recover: { a: -1 } } }, 'data.recover.a'],
  [{ type: 'Subscribe', data: { topics: ['a'], recover: { b: 1 } } }, 'data.recover.b'],
  [{ type: 'Unsubscribe', data: {} }, 'data.topics'],
  [{ type: 'Broadcast', data: { payload: 1 } }, 'data.topic'],
  [{ type: 'Broadcast', data: { topic: 'a.*', payload: 1 } }, 'data.topic'],
  [{ type: 'Broadcast', data: { topic: 'a' } }, 'data.payload'],
  [{ type: 'Broadcast', data: { topic: 'a', payload: 1 }, metadata: [] }, 'metadata'],
  [{ type: 'Broadcast', data: { topic: 'a', payload: 1 }, metadata: nested(33) }, 'metadata'],
  [{ type: 'DirectMessage', data: { payload: 1 } }, 'data.target_user'],
  [{ type: 'DirectMessage', data: { target_user: 'a', payload: 1 }, metadata: { ttl: -1 } }, 'metadata.ttl'],
  [{ type: 'DirectMessage', data: { target_user: 'a', payload: 1 }, metadata: { ttl: 'long' } }, 'metadata.ttl'],
  [{ type: 'Presence', data: { status: 'asleep' } }, 'data.status'],
  [{ type: 'Presence', data: { status: 'idle', metadata: nested(33) } }, 'data.metadata'],
  [{ type: 'History', data: { topic: 'a', limit: 101 } }, 'data.limit'],
  [{ type: 'Auth', data: {} }, 'data.token'],
  [{ type: 'BinaryRoute', data: { type: 'movie', topic: 'a' } }, 'data.type'],
  [{ type: 'BinaryRoute', data: { type: 'broadcast', topic: 'a', target_user: 'b' } }, 'data.target_user'],
  [{ type: 'Batch', data: { messages: [] } }, 'data.messages'],
  [{ type: 'Batch', data: { messages: Array(101).fill({}) } }, 'data.messages'],
  [{ type: 'X-A', data: nested(33) }, 'data'],
  [[], 'frame'],
  [null, 'frame'],
  ['text', 'frame'],
];

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) };
}

describe('decode', () => {
  it.each(spoiled)('ER2: %j names %s', (value, field) => {
    expect(message(value)).toMatchObject({ kind: 'malformed', field });
  });

  it('ER2: tells the id of a bad message where it can be read', () => {
    expect(message({ type: 'Nope', data: {}, id: 'm1' })).toMatchObject({ kind: 'malformed', messageId: 'm1' });
    expect(message({ type: 'Nope', data: {}, id: 1 })).not.toHaveProperty('messageId');
  });

  it.each(['', '{', '{"type":"Ping","data":{"timestamp":1}}x', '\ufeff{"type":"Ping","data":{"timestamp":1}}'])(
    'ER2: %j is no message',
    (text) => {
      expect(decode(textFrame(text))).toMatchObject({ kind: 'malformed', field: 'frame' });
      expect(decode(textFrame(new TextEncoder().encode(text)))).toMatchObject({ kind: 'malformed', field: 'frame' });
    },
  );

  it('ER2: invalid UTF-8 is no message', () => {
    const bytes = Uint8Array.of(0x22, 0xc3, 0x28, 0x22);
    expect(decode(textFrame(bytes))).toMatchObject({ kind: 'malformed', field: 'frame' });
  });

  it.each(['a', '$sys', 'a.b-c.D_9', '*', '>', 'a.*.c', 'a.>', '*.>', Array(16).fill('a').join('.')])(
    'UP7: %s is a pattern',
    (pattern) => {
      expect(message({ type: 'Subscribe', data: { topics: [pattern] } }).kind).toBe('message');
    },
  );

  it.each(['', '.', 'a.', '.a', 'a..b', 'a b', 'a.b*', '>.a', 'é', 'a.$b', Array(17).fill('a').join('.')])(
    'UP7: %j is none',
    (pattern) => {
      expect(message({ type: 'Subscribe', data: { topics: [pattern] } })).toMatchObject({ field: 'data.topics.0' });
    },
  );

  it('UP1: ignores fields that it does not know', () => {
    const decoded = message({ type: 'Ping', data: { timestamp: 1, more: 2 }, id: 'a', extra: true });
    expect(decoded).toMatchObject({ kind: 'message', message: { type: 'Ping', id: 'a' } });
  });

  it.each(['null', '0', '""', '[]', '{ "a" : 1.0 }', '12345678901234567890', '"\\u0041\\/"'])(
    'UP12: keeps the payload %s as it was written',
    (payload) => {
      for (const type of ['"Broadcast","data":{"topic":"a"', '"DirectMessage","data":{"target_user":"bob"']) {
        const text = `{"type":${type},"payload": ${payload} }}`;
        for (const data of [text, new TextEncoder().encode(text)]) {
          const decoded = decode(textFrame(data));
          if (decoded.kind !== 'message' || !('payload' in decoded.message)) throw new Error('not a message');
          expect(new TextDecoder().decode(decoded.message.payload)).toBe(payload);
        }
      }
    },
  );

  it('never throws, whatever comes as text', () => {
    const types = ['Ping', 'Subscribe', 'Broadcast', 'DirectMessage', 'Presence', 'History', 'Batch', 'X-A', 'Auth'];
    const shaped = fc.record(
      { type: fc.constantFrom(...types), data: fc.jsonValue(), id: fc.jsonValue(), metadata: fc.jsonValue() },
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
      }),
      { numRuns: 2_000 },
    );
  });

  it('survives nesting that would overflow a stack', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    for (const text of [deep, `{"type":"X-A","data":${deep}}`, `{"type":"Ping","data":1,"metadata":${deep}}`]) {
      expect(decode(textFrame(text)).kind).toBe('malformed');
    }
    expect(decode(textFrame(`{"type":"Broadcast","data":{"topic":"a","payload":${deep}}}`)).kind).toBe('message');
  });
});

describe('binary frames', () => {
  const format = fc.constantFrom('broadcast', 'direct_message', 'file_transfer', 'stream_data');

  it('BN1: are read as they are written', () => {
    fc.assert(
      fc.property(format, fc.uint8Array({ maxLength: 300 }), (type, body) => {
        const frame = encodeBinary(type, body);
        expect(decode(frame)).toEqual({
          kind: 'message',
          message: { type: 'Binary', id: undefined, format: type, body },
        });
      }),
    );
  });

  it('BN1: have the length in network order', () => {
    const body = new Uint8Array(0x0102).fill(7);
    const { data } = encodeBinary('file_transfer', body);
    expect([...new Uint8Array(Buffer.from(data)).subarray(0, 6)]).toEqual([3, 0, 0, 1, 2, 7]);
  });

  it.each([
    [[], 'frame'],
    [[1, 0, 0, 0], 'frame'],
    [[0, 0, 0, 0, 0], 'frame.type'],
    [[5, 0, 0, 0, 0], 'frame.type'],
    [[1, 0, 0, 0, 1], 'frame.length'],
    [[1, 0, 0, 0, 1, 2, 3], 'frame.length'],
    [[1, 255, 255, 255, 255, 2, 3], 'frame.length'],
  ])('BN3: %j names %s', (bytes, field) => {
    expect(decode(binaryFrame(Uint8Array.from(bytes)))).toMatchObject({ kind: 'malformed', field });
  });

  it('BN3: a frame that is part of a larger buffer is read in its own bounds', () => {
    const whole = Uint8Array.of(9, 9, 2, 0, 0, 0, 1, 42, 9);
    expect(decode(binaryFrame(whole.subarray(2, 8)))).toMatchObject({
      message: { format: 'direct_message', body: Uint8Array.of(42) },
    });
  });
});
