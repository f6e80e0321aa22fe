import { expect, it } from 'vitest';
import { canonicalText, checksumOf } from './canonical.js';

it('is one text, whatever the order of the keys', () => {
  expect(canonicalText({ b: 1, a: [1e21, 'é', null] })).toBe('{"a":[1e+21,"é",null],"b":1}');
});

it('has none for what is not JSON', () => {
  expect(() => canonicalText(undefined)).toThrow(TypeError);
  expect(() => canonicalText(Number.NaN)).toThrow();
});

it('is summed by whatever the caller brings, at once or later', async () => {
  expect(checksumOf({ a: 1 }, (text) => `sum of ${text}`)).toBe('sum of {"a":1}');
  expect(await checksumOf([], async (text) => text)).toBe('[]');
});
