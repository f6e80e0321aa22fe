import { expect, it } from 'vitest';
import { Steadiness } from './steadiness.js';

it('trusts what it sees of a shard only after a while without a break', () => {
  let [now, connected, held] = [1_000, true, [1, 2, 3]];
  const steadiness = new Steadiness(
    500,
    () => now,
    () => held,
    () => connected,
  );
  steadiness.acquired(1);
  now += 400;
  steadiness.acquired(2);
  expect(steadiness.shards()).toEqual([]);
  now += 100;
  expect(steadiness.shards()).toEqual([1]);
  now += 400;
  expect(steadiness.shards()).toEqual([1, 2]);
  connected = false;
  expect(steadiness.shards()).toEqual([]);
  connected = true;
  steadiness.interrupted();
  now += 499;
  expect(steadiness.shards()).toEqual([]);
  now += 1;
  expect(steadiness.shards()).toEqual([1, 2]);
  held = [2];
  steadiness.released(1);
  expect(steadiness.shards()).toEqual([2]);
});
