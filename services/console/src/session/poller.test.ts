import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Poller } from './poller.js';

class FakePage extends EventTarget {
  visibilityState = 'visible';

  turn(state: string): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

let page: FakePage;

beforeEach(() => {
  vi.useFakeTimers();
  page = new FakePage();
  vi.stubGlobal('document', page);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What is asked is answered in order; an `Error` is a refusal. */
function poller(...answers: readonly unknown[]) {
  const asked: number[] = [];
  const made = new Poller(() => {
    const answer = answers[asked.length];
    asked.push(Date.now());
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  }, 1_000);
  return { asked, made };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('asks at once, then again and again, until it is stopped', async () => {
  const { asked, made } = poller('a', 'b', 'c');
  const stop = made.start();
  await pass(0);
  expect(made.state.get()).toEqual({ value: 'a', error: undefined });
  await pass(2_000);
  expect([asked.length, made.state.get().value]).toEqual([3, 'c']);
  stop();
  await pass(10_000);
  expect(asked).toHaveLength(3);
});

test('keeps what it knows while it fails, asks more rarely, and forgets the failure', async () => {
  const broken = new Error('broken');
  const { asked, made } = poller('a', broken, broken, 'b');
  const stop = made.start();
  await pass(1_000);
  expect(made.state.get()).toEqual({ value: 'a', error: broken });
  await pass(1_999);
  expect(asked).toHaveLength(2);
  await pass(1 + 4_000);
  expect(made.state.get()).toEqual({ value: 'b', error: undefined });
  stop();
});

test('asks nothing while nobody looks, and at once when somebody does', async () => {
  const { asked, made } = poller('a', 'b');
  const stop = made.start();
  await pass(0);
  page.turn('hidden');
  await pass(60_000);
  expect(asked).toHaveLength(1);
  page.turn('visible');
  await pass(0);
  expect(made.state.get().value).toBe('b');
  stop();
});

test('one question at a time; who needs a fresh answer gets one that was asked after', async () => {
  const waiting: ((answer: number) => void)[] = [];
  const made = new Poller(() => new Promise<number>((resolve) => waiting.push(resolve)), 1_000);
  const stop = made.start();
  await pass(0);
  const both = Promise.all([made.now(), made.now()]);
  expect(waiting).toHaveLength(1);
  waiting[0]?.(1);
  await pass(0);
  expect([waiting.length, made.state.get().value]).toEqual([2, 1]);
  waiting[1]?.(2);
  await both;
  expect(made.state.get().value).toBe(2);
  stop();
});
