import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitting, HEAD_BYTES } from './direct-message.js';
import { checksumOf, isTooLarge, payloadText, sizeInReply } from './payload.js';

describe('payloads', () => {
  it('are text when JSON, base64 otherwise, also as a part of a larger buffer', () => {
    const larger = Buffer.from('..{"é":1}..');
    expect(payloadText('json', larger.subarray(2, -2))).toBe('{"é":1}');
    expect(payloadText('stream_data', new Uint8Array([0xff, 0, 1]))).toBe('/wAB');
  });

  it('have a checksum when binary', () => {
    expect(checksumOf('json', Buffer.from('abc'))).toEqual({});
    expect(checksumOf('broadcast', Buffer.from('')).checksum).toMatch(/^sha256:e3b0c442/);
  });

  it('are measured as they stand in a reply', () => {
    const payload = fc.json().map((text) => Buffer.from(text));
    fc.assert(
      fc.property(payload, fc.constantFrom('json' as const, 'broadcast' as const), (body, format) => {
        expect(sizeInReply(format, body, undefined)).toBeLessThanOrEqual(
          Buffer.byteLength(JSON.stringify(payloadText(format, body))),
        );
        expect(sizeInReply(format, body, undefined) + 2).toBeGreaterThanOrEqual(
          Buffer.byteLength(JSON.stringify(payloadText(format, body))),
        );
      }),
    );
  });

  it('are too large by the same measure, however it is found', () => {
    const payload = fc.json().map((text) => Buffer.from(text));
    fc.assert(
      fc.property(payload, fc.constantFrom('json' as const, 'broadcast' as const), fc.nat(200), (body, format, max) => {
        expect(isTooLarge(format, body, undefined, max)).toBe(sizeInReply(format, body, undefined) > max);
      }),
    );
    expect(isTooLarge('json', Buffer.from('1'), { a: 'x'.repeat(100) }, 100)).toBe(true);
  });
});

describe('a page', () => {
  it('holds what fits, at least one', () => {
    const sizes = (...list: number[]) => list.map((size) => ({ size }));
    expect(fitting(sizes(), 10)).toEqual([]);
    expect(fitting(sizes(5_000, 1), 10)).toEqual(sizes(5_000));
    expect(fitting(sizes(1, 1, 1), 2 * (HEAD_BYTES + 1))).toEqual(sizes(1, 1));
    expect(fitting(sizes(1, 1), 1_000_000)).toEqual(sizes(1, 1));
  });
});
