import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RoundTrips } from './round-trips.js';
import { TimingWheel } from './timing-wheel.js';

let now = 1_000_000;
let wheel: TimingWheel;
let pings: Buffer[];
let measured: number[];
let trips: RoundTrips;

beforeEach(() => {
  [pings, measured] = [[], []];
  wheel = new TimingWheel(() => now);
  trips = new RoundTrips(
    wheel,
    (payload) => pings.push(payload),
    (ms) => measured.push(ms),
    () => now,
  );
  trips.start();
});
afterEach(() => {
  wheel.stop();
});

function pass(ms: number): void {
  for (let left = ms; left > 0; left -= 100) {
    now += Math.min(left, 100);
    wheel.advance();
  }
}

function lastPing(): Buffer {
  const last = pings.at(-1);
  if (last === undefined) throw new Error('nothing was asked');
  return last;
}

describe('round trips', () => {
  it('are measured soon after the opening, then every five seconds', () => {
    pass(500);
    expect(pings).toHaveLength(1);
    now += 23;
    trips.answered(lastPing());
    pass(5_000 - 23);
    now += 40;
    trips.answered(lastPing());
    expect(pings).toHaveLength(2);
    expect(measured).toEqual([23, 40]);
  });

  it('count only for the ping that was sent last, and once', () => {
    pass(600);
    const first = lastPing();
    pass(5_100);
    trips.answered(first);
    trips.answered(Buffer.from('no such ping'));
    expect(measured).toEqual([]);
    trips.answered(lastPing());
    trips.answered(lastPing());
    expect(measured).toHaveLength(1);
  });

  it('end with the connection', () => {
    pass(600);
    trips.stop();
    trips.answered(lastPing());
    pass(20_000);
    expect([pings.length, measured.length]).toEqual([1, 0]);
  });
});
