import { newUserId } from '@parley/contracts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binaryFrame, jsonFrame, textFrame } from '../frame.js';
import { decode } from './decode.js';

const bob = newUserId();
const message = (value: unknown) => decode(jsonFrame(value));

/** Field by field: a message that is right, a change that spoils it, and the path that has to be named. */
const spoiled: readonly (readonly [unknown, string])[] = [
  [{}, 'op'],
  [{ op: 7 }, 'op'],
  [{ op: null }, 'op'],
  [{ op: 'NONSENSE' }, 'op'],
  [{ op: 'heartbeat' }, 'op'],
  [{ op: 'toString' }, 'op'],
  [{ op: '__proto__' }, 'op'],
  [{ op: 'DISPATCH', t: 'READY', d: {} }, 'op'],
  [{ op: 'HEARTBEAT_ACK', t: null, d: null }, 'op'],
  [{ op: 'HEARTBEAT', t: 5 }, 't'],
  [{ op: 'HEARTBEAT', d: 5 }, 'd'],
  [{ op: 'HEARTBEAT', d: [] }, 'd'],
  [{ op: 'PRESENCE_UPDATE' }, 'd'],
  [{ op: 'PRESENCE_UPDATE', d: null }, 'd'],
  [{ op: 'PRESENCE_UPDATE', d: {} }, 'd.status'],
  [{ op: 'PRESENCE_UPDATE', d: { status: 'asleep' } }, 'd.status'],
  [{ op: 'PRESENCE_UPDATE', d: { status: ['idle'] } }, 'd.status'],
  [{ op: 'PRESENCE_UPDATE', t: {}, d: { status: 'idle' } }, 't'],
  [{ op: 'VOICE_SIGNAL', d: 'x' }, 'd'],
  [{ op: 'VOICE_SIGNAL', d: { signal: {} } }, 'd.to_user_id'],
  [{ op: 'VOICE_SIGNAL', d: { to_user_id: 'bob', signal: {} } }, 'd.to_user_id'],
  [{ op: 'VOICE_SIGNAL', d: { to_user_id: 'a.*', signal: {} } }, 'd.to_user_id'],
  [{ op: 'VOICE_SIGNAL', d: { to_user_id: bob } }, 'd.signal'],
  [{ op: 'VOICE_SIGNAL', d: { to_user_id: bob, type: 7, sdp: 'v=0' } }, 'd.signal'],
  [{ op: 'AUTH', d: {} }, 'd.token'],
  [{ op: 'AUTH', d: { token: '' } }, 'd.token'],
  [[], 'frame'],
  [null, 'frame'],
  ['HEARTBEAT', 'frame'],
];

describe('decode', () => {
  it.each(spoiled)('ER1: %j names %s', (value, field) => {
    expect(message(value)).toMatchObject({ kind: 'malformed', field });
  });

  it.each(['', '{', '{"op":"HEARTBEAT"}x', '\ufeff{"op":"HEARTBEAT"}', "{'op':'HEARTBEAT'}"])(
    'ER1: %j is no message',
    (text) => {
      expect(decode(textFrame(text))).toMatchObject({ kind: 'malformed', field: 'frame' });
      expect(decode(textFrame(new TextEncoder().encode(text)))).toMatchObject({ kind: 'malformed', field: 'frame' });
    },
  );

  it('ER1: neither invalid UTF-8 nor a binary frame is a message', () => {
    const bytes = Uint8Array.of(0x22, 0xc3, 0x28, 0x22);
    expect(decode(textFrame(bytes))).toMatchObject({ kind: 'malformed', field: 'frame' });
    const heartbeat = new TextEncoder().encode('{"op":"HEARTBEAT"}');
    expect(decode(binaryFrame(heartbeat))).toMatchObject({ kind: 'malformed', field: 'frame' });
  });

  it('UP1: ignores fields that it does not know, and what clients write into t', () => {
    const sent = { op: 'PRESENCE_UPDATE', t: 'any', d: { status: 'idle', more: 1 }, s: 4, extra: true };
    expect(message(sent)).toMatchObject({ kind: 'message', message: { op: 'PRESENCE_UPDATE', d: { status: 'idle' } } });
  });

  it.each(['{"op":"HEARTBEAT"}', '{"op":"HEARTBEAT","t":null,"d":null}', '{"d":{},"op":"HEARTBEAT"}'])(
    'UP2: %s is a heartbeat',
    (text) => {
      expect(decode(textFrame(text))).toMatchObject({ kind: 'message', message: { op: 'HEARTBEAT' } });
    },
  );

  it.each(['null', '0', '""', '[]', '{ "sdp" : "v=0\\r\\n", "n": 1.0 }', '12345678901234567890', '"\\u0041\\/"'])(
    'UP5: keeps the signal %s as it was written',
    (signal) => {
      const text = `{"op":"VOICE_SIGNAL", "d":{"signal": ${signal} ,"to_user_id":"${bob}"}}`;
      for (const data of [text, new TextEncoder().encode(text)]) expect(signalOf(data)).toBe(signal);
    },
  );

  it('UP5: of a signal and flat fields the signal counts', () => {
    const text = `{"op":"VOICE_SIGNAL","d":{"to_user_id":"${bob}","type":"offer","signal":{"type":"answer"}}}`;
    expect(signalOf(text)).toBe('{"type":"answer"}');
  });

  it.each([
    ['"type":"offer","sdp":"v=0\\r\\n"', '{"type":"offer","sdp":"v=0\\r\\n"}'],
    [
      '"sdp": null, "candidate" : "candidate:1" ,"type":"candidate"',
      '{"type":"candidate","sdp":null,"candidate":"candidate:1"}',
    ],
    ['"type":"candidate","candidate":{ "sdpMid":"0" }', '{"type":"candidate","candidate":{ "sdpMid":"0" }}'],
    ['"type":"bye"', '{"type":"bye"}'],
  ])('UP6: the flat signal %s is %s', (fields, signal) => {
    expect(signalOf(`{"op":"VOICE_SIGNAL","t":null,"d":{"to_user_id":"${bob}",${fields}}}`)).toBe(signal);
  });

  it('never throws, whatever comes', () => {
    const shaped = fc.record(
      {
        op: fc.constantFrom('HEARTBEAT', 'PRESENCE_UPDATE', 'VOICE_SIGNAL', 'AUTH', 'DISPATCH', 'X'),
        t: fc.jsonValue(),
        d: fc.oneof(
          fc.jsonValue(),
          fc.record(
            {
              to_user_id: fc.constantFrom(bob, 'x'),
              signal: fc.jsonValue(),
              type: fc.jsonValue(),
              sdp: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
        ),
      },
      { requiredKeys: ['op'] },
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

  it('UP5, UP6: every signal is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (signal) => {
        const nested = JSON.stringify({ op: 'VOICE_SIGNAL', d: { to_user_id: bob, signal } });
        expect(JSON.parse(signalOf(nested))).toEqual(JSON.parse(JSON.stringify(signal)));
        const flat = JSON.stringify({
          op: 'VOICE_SIGNAL',
          d: { to_user_id: bob, candidate: signal, type: 'candidate' },
        });
        expect(JSON.parse(signalOf(flat))).toEqual(
          JSON.parse(JSON.stringify({ type: 'candidate', candidate: signal })),
        );
      }),
    );
  });

  it('survives nesting that would overflow a stack', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    for (const text of [deep, `{"op":"HEARTBEAT","d":${deep}}`, `{"op":"AUTH","d":{"token":${deep}}}`]) {
      expect(decode(textFrame(text)).kind).toBe('malformed');
    }
    const text = `{"op":"VOICE_SIGNAL","d":{"to_user_id":"${bob}","signal":${deep}}}`;
    expect(decode(textFrame(text)).kind).toBe('message');
  });
});

function signalOf(data: string | Uint8Array): string {
  const decoded = decode(textFrame(data));
  if (decoded.kind !== 'message' || decoded.message.op !== 'VOICE_SIGNAL') throw new Error(JSON.stringify(decoded));
  return new TextDecoder().decode(decoded.message.signal);
}
