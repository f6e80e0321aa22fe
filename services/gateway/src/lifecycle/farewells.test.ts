import { fail, ok, type Outcome } from '@parley/contracts';
import type { Caller, Farewell } from '@parley/dialects';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Farewells } from './farewells.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const caller: Caller = {
  call: () => Promise.reject(new Error('not in these tests')),
  callExtension: () => Promise.reject(new Error('not in these tests')),
  receipts: () => {
    throw new Error('not in these tests');
  },
  remember: () => undefined,
  recall: () => Promise.resolve(undefined),
};

function rig() {
  const unsaid: [number, string][] = [];
  const farewells = new Farewells({ caller, unsaid: (count, why) => unsaid.push([count, why]) });
  return { farewells, unsaid };
}

/** Answers as the script says, then with success; remembers when it was asked. */
function scripted(...answers: readonly Outcome<unknown>[]): { farewell: Farewell; asked: number[] } {
  const asked: number[] = [];
  const farewell: Farewell = () => {
    asked.push(Math.round(performance.now()));
    return Promise.resolve(answers[asked.length - 1] ?? ok({}));
  };
  return { farewell, asked };
}

const away = fail('unavailable', 'nobody there');

test('is asked again, less and less often, until it is heard', async () => {
  const { farewells, unsaid } = rig();
  const { farewell, asked } = scripted(away, fail('timeout', 'late'), away);
  const start = Math.round(performance.now());
  farewells.say([farewell]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.map((at) => at - start)).toEqual([0, 250, 750, 1_750]);
  expect(unsaid).toEqual([]);
});

test('is given up after a minute', async () => {
  const { farewells, unsaid } = rig();
  const { farewell, asked } = scripted(...Array.from({ length: 100 }, () => away));
  farewells.say([farewell]);
  await vi.advanceTimersByTimeAsync(61_000);
  expect(unsaid).toEqual([[1, 'nobody there']]);
  const attempts = asked.length;
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked).toHaveLength(attempts);
});

test('an answer that will not change is not asked for again; what throws is one', async () => {
  const { farewells, unsaid } = rig();
  const { farewell, asked } = scripted(fail('not_found', 'no such room'));
  farewells.say([farewell, () => Promise.reject(new Error('broken'))]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(1);
  expect(unsaid).toEqual([
    [1, 'no such room'],
    [1, 'Error: broken'],
  ]);
});

test('only so many are under way at a time; one that pauses holds nobody up', async () => {
  const { farewells } = rig();
  let running = 0;
  let most = 0;
  let heard = 0;
  const slow: Farewell = async () => {
    most = Math.max(most, (running += 1));
    await new Promise((resolve) => setTimeout(resolve, 10));
    running -= 1;
    heard += 1;
    return ok({});
  };
  const pausing = scripted(...Array.from({ length: 4 }, () => away));
  farewells.say([...Array.from({ length: 300 }, () => pausing.farewell), ...Array.from({ length: 700 }, () => slow)]);
  await vi.advanceTimersByTimeAsync(200);
  expect(most).toBe(256);
  expect(heard).toBe(700);
});

test('a gateway that ends waits for what is not heard yet', async () => {
  const { farewells, unsaid } = rig();
  const { farewell, asked } = scripted(away, away);
  farewells.say([farewell]);
  const stopped = farewells.stop(2_000);
  await vi.advanceTimersByTimeAsync(2_000);
  await stopped;
  expect(asked).toHaveLength(3);
  expect(unsaid).toEqual([]);
});

test('but not longer than its deadline, and says nothing after it', async () => {
  const { farewells, unsaid } = rig();
  const { farewell, asked } = scripted(...Array.from({ length: 100 }, () => away));
  farewells.say([farewell]);
  const stopped = farewells.stop(2_000);
  await vi.advanceTimersByTimeAsync(2_100);
  await stopped;
  expect(unsaid).toEqual([[1, 'the gateway ends']]);
  const attempts = asked.length;
  farewells.say([farewell]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(attempts);
});
