import { expect, test } from 'vitest';
import { ByteBudget } from './byte-budget.js';

test('a burst passes, what is beyond it waits for as long as it takes to earn', () => {
  const budget = new ByteBudget(1_000, 5_000, 0);
  expect(budget.take(5_000, 0)).toBe(0);
  expect(budget.take(500, 0)).toBe(500);
  expect(budget.take(0, 500)).toBe(0);
  expect(budget.take(2_000, 1_500)).toBe(1_000);
});

test('time fills it no further than the burst', () => {
  const budget = new ByteBudget(1_000, 5_000, 0);
  expect(budget.take(5_000, 1_000_000)).toBe(0);
  expect(budget.take(1, 1_000_000)).toBe(1);
});
