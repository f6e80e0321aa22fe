import { expect, it } from 'vitest';
import { at, aTime, difference, named, optional, type Pattern } from './match.js';

const even = named('an even number', (value) => typeof value === 'number' && value % 2 === 0);

it.each([
  [{ a: 1 }, { a: 1, b: 2 }, undefined],
  [{ a: 1 }, { a: 2 }, 'a is 2, expected 1'],
  [{ a: 1 }, {}, 'a is absent, expected 1'],
  [{ a: undefined }, { a: 1 }, 'a is 1, expected absent'],
  [{ a: { b: [1, 2] } }, { a: { b: [1, 3] } }, 'a.b.1 is 3, expected 2'],
  [[1], [1, 2], 'the frame has 2 elements, expected 1: [1,2]'],
  [{ n: even }, { n: 3 }, 'n is 3, expected an even number'],
  [{ n: optional(even) }, {}, undefined],
  [{ n: optional(even) }, { n: 3 }, 'n is 3, expected an even number or nothing'],
  [null, undefined, 'the frame is absent, expected null'],
  [{}, null, 'the frame is null, expected an object'],
] satisfies readonly (readonly [Pattern, unknown, string | undefined])[])('%o against %o', (pattern, value, told) => {
  expect(difference(pattern, value)).toBe(told);
});

it('exactly: nothing but the members of the pattern', () => {
  const pattern = { a: { b: 1 } };
  expect(difference(pattern, { a: { b: 1, c: 2 } }, { exact: true })).toBe('a.c is 2, expected nothing');
  expect(difference(pattern, { a: { b: 1 } }, { exact: true })).toBeUndefined();
});

it('a time is in milliseconds', () => {
  expect(aTime(Date.now())).toBe(true);
  expect(aTime(Math.floor(Date.now() / 1_000))).toBe(false);
});

it('a path leads through lists, and ends where there is nothing', () => {
  expect(at({ a: [{ b: 1 }] }, 'a.0.b')).toBe(1);
  expect(at({ a: [] }, 'a.0.b')).toBeUndefined();
});
