import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binaryFrame, jsonFrame, textFrame } from '../frame.js';
import { message, TS } from '../testing/watch.js';
import { decodeDevice, decodeViewer } from './decode.js';

const text = new TextDecoder();

describe('what passes', () => {
  it('WT3: the bytes of an sdp and of a candidate are those that were sent', () => {
    const sdp = '{ "sdp":"v=0\\r\\n\\u00e9", "type" : "offer", "x": 1.0e2 }';
    const offer = `{"payload":{"sdp":${sdp},"session_id":"s"},"ts":"${TS}","type":"signal_offer"}`;
    const decoded = decodeViewer(textFrame(offer));
    if (decoded.kind === 'malformed' || decoded.message.type !== 'signal') throw new Error('no signal');
    expect(text.decode(decoded.message.body)).toBe(sdp);
    expect(decoded.message).toMatchObject({ sessionId: 's', signal: 'offer' });
  });

  it('WT3: a null candidate is a candidate', () => {
    const decoded = decodeDevice(jsonFrame(message('signal_ice', { session_id: 's', candidate: null }, 'r')));
    if (decoded.kind === 'malformed' || decoded.message.type !== 'signal') throw new Error('no signal');
    expect(text.decode(decoded.message.body)).toBe('null');
    expect(decoded.requestId).toBe('r');
  });

  it('FM1: unknown fields are ignored', () => {
    const decoded = decodeViewer(jsonFrame({ ...message('heartbeat', { more: 1 }), extra: true }));
    expect(decoded).toMatchObject({ kind: 'message', message: { type: 'heartbeat' } });
  });

  it('WT8: presence is everything that the payload has', () => {
    const payload = { battery: 85, recording: false, deep: { a: [1] } };
    expect(decodeDevice(jsonFrame(message('device_presence', payload)))).toMatchObject({
      message: { presence: payload },
    });
  });
});

describe('what does not', () => {
  const viewer = (frame: object) => decodeViewer(jsonFrame(frame));
  const device = (frame: object) => decodeDevice(jsonFrame(frame));

  it.each([
    ['a binary frame', () => decodeViewer(binaryFrame(new Uint8Array(4))), 'frame'],
    ['what is not JSON', () => decodeViewer(textFrame('{')), 'frame'],
    ['what is not UTF-8', () => decodeViewer(textFrame(Uint8Array.from([0x22, 0xff, 0x22]))), 'frame'],
    ['an array', () => decodeViewer(textFrame('[]')), 'frame'],
    ['no type', () => viewer({ ts: TS, payload: {} }), 'type'],
    ['an unknown type', () => viewer(message('toString')), 'type'],
    ['no ts', () => viewer({ type: 'heartbeat', payload: {} }), 'ts'],
    ['a ts that is no time', () => viewer({ type: 'heartbeat', ts: 'now', payload: {} }), 'ts'],
    ['no payload', () => viewer({ type: 'heartbeat', ts: TS }), 'payload'],
    ['no device', () => viewer(message('watch_request')), 'payload.device_id'],
    ['an offer without sdp', () => viewer(message('signal_offer', { session_id: 's' })), 'payload.sdp'],
    [
      'an answer as an offer',
      () => viewer(message('signal_offer', { session_id: 's', sdp: { type: 'answer', sdp: '' } })),
      'payload.sdp.type',
    ],
    ['no candidate', () => device(message('signal_ice', { session_id: 's' })), 'payload.candidate'],
    ['what a viewer sends, of a device', () => device(message('end_watch', { session_id: 's' })), 'type'],
    ['what a device sends, of a viewer', () => viewer(message('device_presence', {})), 'type'],
    ['what the server sends', () => device(message('hello_ack', {})), 'type'],
    ['a number as request_id', () => viewer({ ...message('heartbeat'), request_id: 1 }), 'request_id'],
  ])('FM5, FM6: %s', (_, decoded, field) => {
    expect(decoded()).toMatchObject({ kind: 'malformed', field });
  });

  it('WT8: a presence that is nested too deeply', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : { deep: nested(levels - 1) });
    expect(device(message('device_presence', { level: nested(31) }))).toMatchObject({ kind: 'message' });
    expect(device(message('device_presence', { level: nested(32) }))).toMatchObject({ field: 'payload' });
    const endless = textFrame(
      `{"type":"device_presence","ts":"${TS}","payload":{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}}`,
    );
    expect(decodeDevice(endless)).toMatchObject({ field: 'payload' });
  });

  it('FM6: nothing throws, whatever comes', () => {
    const anything = fc.oneof(fc.json(), fc.string(), fc.uint8Array());
    fc.assert(
      fc.property(anything, fc.boolean(), (data, binary) => {
        decodeDevice({ data, binary });
        decodeViewer({ data, binary });
      }),
      { numRuns: 1_000 },
    );
  });

  it('FM2: the id of what was wrong is known all the same', () => {
    expect(viewer(message('nonsense', {}, 'r9'))).toMatchObject({ kind: 'malformed', requestId: 'r9' });
  });
});
