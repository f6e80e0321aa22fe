import { expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.js';

it('lets a burst through, then says when the next may come', () => {
  const bucket = new TokenBucket(10, 3, 1_000);
  expect([bucket.take(1_000), bucket.take(1_000), bucket.take(1_000)]).toEqual([0, 0, 0]);
  expect(bucket.take(1_000)).toBe(100);
  expect(bucket.take(1_060)).toBe(40);
  expect(bucket.take(1_100)).toBe(0);
});

it('never holds more than a burst', () => {
  const bucket = new TokenBucket(1_000, 2, 0);
  expect([bucket.take(1e9), bucket.take(1e9), bucket.take(1e9)]).toEqual([0, 0, 1]);
});

it('survives a clock that is set back', () => {
  const bucket = new TokenBucket(10, 1, 5_000);
  expect(bucket.take(5_000)).toBe(0);
  expect(bucket.take(1_000)).toBe(100);
  expect(bucket.take(1_100)).toBe(0);
});
