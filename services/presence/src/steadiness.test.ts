import { beforeEach, describe, expect, it } from 'vitest';
import { Steadiness } from './steadiness.js';

let now = 0;
let held: number[] = [];
let steadiness: Steadiness;

beforeEach(() => {
  now = 1_000;
  held = [7];
  steadiness = new Steadiness({ settleMs: 3_000, leaseTtlMs: 6_000, clock: () => now, held: () => held });
});

describe('who may be called gone', () => {
  it('nobody without a connection to the bus', () => {
    steadiness.acquired(7);
    now += 60_000;
    expect(steadiness.settledShards()).toEqual([]);
  });

  it('nobody right after a reconnect, or right after a shard was taken over', () => {
    steadiness.busConnected();
    steadiness.acquired(7);
    now += 2_999;
    expect(steadiness.settledShards()).toEqual([]);
    now += 1;
    expect(steadiness.settledShards()).toEqual([7]);
    held = [7, 8];
    steadiness.acquired(8);
    expect(steadiness.settledShards()).toEqual([7]);
    steadiness.busDisconnected();
    steadiness.busConnected();
    expect(steadiness.settledShards()).toEqual([]);
  });

  it('no user of a shard that was lost', () => {
    steadiness.busConnected();
    steadiness.acquired(7);
    now += 3_000;
    held = [];
    expect(steadiness.settledShards()).toEqual([]);
  });
});

it('judges gateways only after a full lease time on the bus', () => {
  steadiness.busConnected();
  now += 5_999;
  steadiness.busConnected();
  expect(steadiness.mayJudgeGateways()).toBe(false);
  now += 1;
  expect(steadiness.mayJudgeGateways()).toBe(true);
  steadiness.busDisconnected();
  expect(steadiness.mayJudgeGateways()).toBe(false);
});
