import { expect, test } from 'vitest';
import type { GatewayStats, Stats } from './bodies.js';
import { RateHistory, rateText } from './rates.js';

function gateway(at: number, frames: number, id = 'g'): GatewayStats {
  const one = { dialect: 'chat', connections: 1, frames_received: frames, frames_sent: 2 * frames, deliveries: 0 };
  const dialects = [one, { ...one, dialect: 'topics', deliveries: frames }];
  return { gateway_id: id, started_at: 0, draining: false, connections: 1, traffic: { at, dialects } };
}

function stats(...gateways: readonly GatewayStats[]): Stats {
  return { gateways, connections: gateways.length };
}

test('rates are differences by time, of all dialects together', () => {
  const history = new RateHistory();
  history.add(stats(gateway(1_000, 10)));
  expect(history.of('g')).toEqual([]);
  history.add(stats(gateway(3_000, 20)));
  expect(history.of('g')).toEqual([{ framesIn: 10, framesOut: 20, deliveries: 5 }]);
});

test('an answer that is missing makes no hole and no peak', () => {
  const history = new RateHistory();
  history.add(stats(gateway(0, 0)));
  history.add(stats({ ...gateway(0, 0), traffic: undefined }));
  history.add(stats(gateway(4_000, 40)));
  expect(history.of('g')).toMatchObject([{ framesIn: 20 }]);
});

test('the same answer twice is one, and counters never run backwards', () => {
  const history = new RateHistory();
  history.add(stats(gateway(0, 50)));
  history.add(stats(gateway(0, 50)));
  history.add(stats(gateway(1_000, 0)));
  expect(history.of('g')).toEqual([{ framesIn: 0, framesOut: 0, deliveries: 0 }]);
});

test('what is kept is bounded, and a gateway that is gone is forgotten', () => {
  const history = new RateHistory();
  for (let second = 0; second < 100; second++)
    history.add(stats(gateway(second * 1_000, second), gateway(0, 0, 'other')));
  expect(history.of('g')).toHaveLength(60);
  history.add(stats(gateway(0, 0, 'other')));
  expect(history.of('g')).toEqual([]);
});

test.each([
  [0, '0'],
  [0.25, '0.3'],
  [9.94, '9.9'],
  [123.4, '123'],
])('%d is written as %s', (rate, text) => {
  expect(rateText(rate)).toBe(text);
});
