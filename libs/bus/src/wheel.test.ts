import { waitFor } from '@parley/testing';
import { expect, test } from 'vitest';
import { DeadlineWheel } from './wheel.js';

function wheelOf(deadlines: Map<number, number>): { wheel: DeadlineWheel; expired: number[] } {
  const expired: number[] = [];
  const wheel = new DeadlineWheel(
    (id) => deadlines.get(id),
    (id) => {
      deadlines.delete(id);
      expired.push(id);
    },
  );
  return { wheel, expired };
}

test('an id expires once, after its deadline and not before', async () => {
  const deadlineAt = performance.now() + 60;
  const deadlines = new Map([[1, deadlineAt]]);
  const { wheel, expired } = wheelOf(deadlines);
  wheel.add(1, deadlineAt);
  await waitFor(() => expired.length > 0);
  expect(performance.now()).toBeGreaterThanOrEqual(deadlineAt);
  expect(expired).toEqual([1]);
});

test('a settled id is forgotten; one beyond the horizon is carried on', async () => {
  const now = performance.now();
  const deadlines = new Map([
    [1, now + 40],
    [2, now + 80],
    [3, now + 60_000],
  ]);
  const { wheel, expired } = wheelOf(deadlines);
  for (const [id, deadlineAt] of deadlines) wheel.add(id, deadlineAt);
  deadlines.delete(1);
  await waitFor(() => expired.length > 0);
  expect(expired).toEqual([2]);
  expect(deadlines.has(3)).toBe(true);
  wheel.stop();
});

test('a deadline that has passed already expires at the next tick', async () => {
  const deadlines = new Map([[1, performance.now() - 1_000]]);
  const { wheel, expired } = wheelOf(deadlines);
  wheel.add(1, performance.now() - 1_000);
  await waitFor(() => expired.length > 0);
  expect(expired).toEqual([1]);
});
