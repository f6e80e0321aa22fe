import { binaryFrame, textFrame } from '@parley/dialects';
import { seededRandom } from '@parley/testing';
import { inflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { closeReason, wireFrame, wireFrames } from './wire.js';

const compression = { threshold: 1_024, level: 1, memLevel: 8, concurrency: 10 };
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

test('a frame below the threshold goes as it is', () => {
  const frame = textFrame('x'.repeat(1_023));
  expect(wireFrame(frame, compression)).toEqual(wireFrame(frame));
});

test('a larger one is compressed by itself: marked, without the tail, the same each time', () => {
  const text = '{"ops":[]}'.repeat(500);
  const wire = wireFrame(textFrame(text), compression);
  expect(wire[0]).toBe(0xc1);
  expect(wire.length).toBeLessThan(200);
  const payload = wire.subarray((wire[1] ?? 0) < 126 ? 2 : 4);
  expect(payload.subarray(-4)).not.toEqual(TAIL);
  expect(inflateRawSync(Buffer.concat([payload, TAIL]), { finishFlush: 2 }).toString()).toBe(text);
  expect(wireFrame(textFrame(text), compression)).toEqual(wire);
  expect(wireFrame(binaryFrame(Buffer.from(text)), compression)[0]).toBe(0xc2);
});

test('what does not get smaller, or would hold everyone else up, goes as it is', () => {
  const noise = binaryFrame(seededRandom(7).bytes(20_000));
  expect(wireFrame(noise, compression)).toEqual(wireFrame(noise));
  const huge = textFrame('x'.repeat(128 * 1_024 + 1));
  expect(wireFrame(huge, compression)).toEqual(wireFrame(huge));
  expect(wireFrame(textFrame('x'.repeat(128 * 1_024)), compression)[0]).toBe(0xc1);
});

test('of several messages each is compressed or not by its own size', () => {
  const [small, large] = [textFrame('small'), textFrame('x'.repeat(5_000))];
  const wires = [small, large].map((frame) => wireFrame(frame, compression));
  expect(wireFrames([small, large], compression)).toEqual(Buffer.concat(wires));
});

test('a close reason is cut to what a close frame holds, between characters', () => {
  expect(closeReason('going away')).toBe('going away');
  expect(closeReason('x'.repeat(123))).toHaveLength(123);
  expect(closeReason('x'.repeat(200))).toHaveLength(123);
  expect(closeReason('ä'.repeat(100))).toBe('ä'.repeat(61));
  expect(closeReason('🙂'.repeat(100))).toBe('🙂'.repeat(30));
});
