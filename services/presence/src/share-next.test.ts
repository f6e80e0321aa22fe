import { expect, it } from 'vitest';
import { ShareNext } from './share-next.js';

it('joins callers into the run after the one under way', async () => {
  const ends: (() => void)[] = [];
  let runs = 0;
  const shared = new ShareNext(() => {
    const run = ++runs;
    return new Promise<number>((resolve) => ends.push(() => resolve(run)));
  });
  const first = shared.run();
  const second = shared.run();
  const third = shared.run();
  expect(runs).toBe(1);
  ends[0]?.();
  expect(await first).toBe(1);
  await Promise.resolve();
  expect(runs).toBe(2);
  ends[1]?.();
  expect(await Promise.all([second, third])).toEqual([2, 2]);
  const later = shared.run();
  ends[2]?.();
  expect(await later).toBe(3);
});

it('goes on after a failure', async () => {
  let runs = 0;
  const shared = new ShareNext(() => (++runs === 1 ? Promise.reject(new Error('no')) : Promise.resolve(runs)));
  const [first, second] = await Promise.allSettled([shared.run(), shared.run()]);
  expect(first.status).toBe('rejected');
  expect(second).toEqual({ status: 'fulfilled', value: 2 });
});
