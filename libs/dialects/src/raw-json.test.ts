import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rawElements, rawMember } from './raw-json.js';

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function member(text: string, ...path: string[]): string | undefined {
  const found = rawMember(encode(text), path);
  return found === undefined ? undefined : decode(found);
}

/** JSON text with the liberties that JSON.stringify never takes: spaces, escapes, duplicate keys. */
const space = fc.constantFrom('', ' ', '\n', '\t \r\n');
const key = fc.constantFrom('data', 'payload', 'other', 'd\\u0061ta', 'pay\\u006Coad', 'dat', 'data2', 'é\\"\\\\');
const leaf = fc.oneof(
  fc.string({ unit: 'binary' }).map((one) => JSON.stringify(one)),
  fc.constantFrom(
    '1',
    '-0',
    '1.50e+3',
    '12345678901234567890',
    'true',
    'null',
    '"\\\\"',
    '"\\""',
    '"{[,:]}"',
    '"\\ud83d\\ude00"',
  ),
);
const { text } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(fc.tuple(space, tie('text'), space)).map((items) => `[${items.map((one) => one.join('')).join(',')}]`),
    fc
      .array(fc.tuple(space, key, space, space, tie('text'), space), { maxLength: 5 })
      .map((items) => `{${items.map(([a, name, b, c, value, d]) => `${a}"${name}"${b}:${c}${value}${d}`).join(',')}}`),
  ),
}));

function lookUp(value: unknown, path: readonly string[]): unknown {
  let at: unknown = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return undefined;
    at = Object.entries(at).find(([own]) => own === name)?.[1];
  }
  return at;
}

describe('rawMember', () => {
  it('gives the text as it was written', () => {
    expect(member('{"data":{"payload": {"a" : 1.0, "b":"\\u0041"} }}', 'data', 'payload')).toBe(
      '{"a" : 1.0, "b":"\\u0041"}',
    );
  });

  it('takes the last of duplicate keys, on every level', () => {
    expect(member('{"data":{"payload":1},"data":{"payload":2,"payload":3}}', 'data', 'payload')).toBe('3');
    expect(member('{"data":{"payload":1},"data":{}}', 'data', 'payload')).toBeUndefined();
  });

  it('is not misled by what looks like the key', () => {
    expect(member('{"x":"\\"data\\":1","data":2}', 'data')).toBe('2');
    expect(member('{"x":{"data":1}}', 'data')).toBeUndefined();
    expect(member('["data",1]', 'data')).toBeUndefined();
  });

  it('agrees with JSON.parse on any JSON', () => {
    const path = fc.constantFrom(['data'], ['data', 'payload'], ['data', 'data', 'payload'], []);
    fc.assert(
      fc.property(fc.tuple(space, text, space), path, (parts, keys) => {
        const json = parts.join('');
        const raw = member(json, ...keys);
        expect(raw === undefined ? undefined : JSON.parse(raw)).toEqual(lookUp(JSON.parse(json), keys));
        if (raw !== undefined) expect(raw).toBe(raw.trim());
      }),
      { numRuns: 1_500 },
    );
  });

  it('ends on any bytes', () => {
    const json = fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'a', '1', ' ') });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), json.map(encode)), (bytes) => {
        rawMember(bytes, ['data', 'payload']);
        rawElements(bytes);
      }),
      { numRuns: 1_500 },
    );
  });
});

describe('rawElements', () => {
  it('agrees with JSON.parse on any array', () => {
    fc.assert(
      fc.property(text, (json) => {
        const elements = rawElements(encode(json))?.map((one): unknown => JSON.parse(decode(one)));
        const value: unknown = JSON.parse(json);
        expect(elements).toEqual(Array.isArray(value) ? value : undefined);
      }),
      { numRuns: 1_500 },
    );
  });
});
