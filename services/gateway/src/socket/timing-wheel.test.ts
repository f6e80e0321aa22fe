import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TimingWheel } from './timing-wheel.js';

function rig() {
  let now = 1_000_000;
  const wheel = new TimingWheel(() => now);
  wheel.stop();
  return {
    wheel,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
      wheel.advance();
    },
  };
}

test('every deadline fires once, never early and at most two ticks late, however far away', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 50 }),
      fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 50 }),
      (delays, steps) => {
        const { wheel, now, pass } = rig();
        const fired = new Map<number, number>();
        const begun = now();
        for (const [id, delay] of delays.entries()) {
          wheel.after(delay, () => {
            expect(fired.has(id)).toBe(false);
            fired.set(id, now());
          });
        }
        let last = begun;
        for (const step of steps) {
          last = now();
          pass(step);
          for (const [id, at] of fired) expect(at).toBeGreaterThanOrEqual(begun + (delays[id] ?? 0));
          for (const [id, delay] of delays.entries()) {
            if (begun + delay + 200 <= now() && begun + delay + 200 <= last) expect(fired.has(id)).toBe(true);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('a cancelled deadline does not fire; one set while firing waits its own time', () => {
  const { wheel, pass } = rig();
  const fired: string[] = [];
  wheel.after(500, () => fired.push('cancelled')).cancel();
  wheel.after(500, () => {
    fired.push('first');
    wheel.after(500, () => fired.push('second'));
  });
  pass(700);
  expect(fired).toEqual(['first']);
  pass(300);
  expect(fired).toEqual(['first']);
  pass(400);
  expect(fired).toEqual(['first', 'second']);
});

test('after a long pause of the process everything that is due fires', () => {
  const { wheel, pass } = rig();
  let fired = 0;
  for (const delay of [100, 40_000, 60_000, 119_000]) wheel.after(delay, () => fired++);
  pass(120_000);
  expect(fired).toBe(4);
});
