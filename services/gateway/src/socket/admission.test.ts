import { expect, test } from 'vitest';
import { Admission } from './admission.js';

function rig(limits: Partial<ConstructorParameters<typeof Admission>[0]> = {}) {
  let now = 0;
  const admission = new Admission(
    { connections: 100, connectionsPerAddress: 100, handshakesPerSecond: 1_000, ...limits },
    () => now,
  );
  const enter = (address = 'a') => {
    const entered = admission.enter(address);
    return entered.ok ? entered.value : entered.error.code;
  };
  return { admission, enter, pass: (ms: number) => (now += ms) };
}

test('a gateway takes so many connections; a seat given back twice is free once', () => {
  const { admission, enter } = rig({ connections: 2 });
  const seat = enter('a');
  enter('b');
  expect(enter('c')).toBe('unavailable');
  expect(admission.full).toBe(true);
  if (typeof seat !== 'string') {
    seat.free();
    seat.free();
  }
  expect(admission.connections).toBe(1);
  expect(enter('c')).not.toBe('unavailable');
});

test('one address can not take them all', () => {
  const { enter } = rig({ connectionsPerAddress: 2 });
  enter('a');
  enter('a');
  expect(enter('a')).toBe('limit_exceeded');
  expect(typeof enter('b')).toBe('object');
});

test('handshakes per second are limited and come back with time', () => {
  const { enter, pass } = rig({ handshakesPerSecond: 10 });
  const results = Array.from({ length: 12 }, () => enter());
  expect(results.filter((result) => result === 'rate_limited')).toHaveLength(2);
  pass(500);
  const later = Array.from({ length: 6 }, () => enter());
  expect(later.filter((result) => result === 'rate_limited')).toHaveLength(1);
});

test('a draining gateway takes no one', () => {
  const { admission, enter } = rig();
  admission.drain();
  expect(enter()).toBe('unavailable');
});
