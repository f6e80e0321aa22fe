import { seededRandom } from '@parley/testing';
import { expect, test } from 'vitest';
import { Backoff } from './backoff.js';

test('waits lie anywhere between the least and an exponentially growing most, and never beyond the cap', () => {
  const random = seededRandom(4);
  const drawn = Array.from({ length: 200 }, () => {
    const backoff = new Backoff({}, { random: () => random.next() });
    return Array.from({ length: 12 }, () => backoff.next());
  });
  for (let attempt = 0; attempt < 12; attempt++) {
    const waits = drawn.map((one) => one[attempt] ?? 0);
    const ceiling = Math.min(30_000, 1_000 * 2 ** attempt);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...waits)).toBeLessThanOrEqual(ceiling);
    // Spread out: clients of one server do not come back together.
    expect(Math.min(...waits)).toBeLessThan(ceiling * 0.2);
    expect(Math.max(...waits)).toBeGreaterThan(ceiling * 0.8);
  }
});

test('a server that asks for patience gets it, up to the cap; a reset starts small again', () => {
  const backoff = new Backoff({ maxMs: 20_000 }, { random: () => 0 });
  expect(backoff.next(5_000)).toBe(5_000);
  expect(backoff.next(60_000)).toBe(20_000);
  expect(backoff.attempts).toBe(2);
  backoff.reset();
  expect([backoff.attempts, backoff.next()]).toEqual([0, 100]);
});
