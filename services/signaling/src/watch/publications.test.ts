import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Publications } from './publications.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('waits for what was just written; what comes too late has come all the same', async () => {
  const publications = new Publications();
  const [soon, late] = [publications.expect('soon'), publications.expect('late')];
  publications.published('soon');
  expect(await soon.isPublished()).toBe(true);
  const asked = late.isPublished();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await asked).toBe(false);
  // Nobody waits once more for something that is overdue.
  expect(await late.isPublished()).toBe(false);
  publications.published('late');
  expect(await late.isPublished()).toBe(true);
});

it('what is forgotten holds nobody up, and leaves no timer behind', async () => {
  const publications = new Publications();
  const dropped = publications.expect('dropped');
  publications.forget(dropped);
  expect(vi.getTimerCount()).toBe(0);
  publications.published('dropped');
  expect(await dropped.isPublished()).toBe(false);
});
