import { defineEvent } from '@parley/contracts';
import type { EmitCommand, Emitter } from '@parley/dialects';
import { Type } from '@sinclair/typebox';
import { expect, test } from 'vitest';
import { Coalescer } from './coalescer.js';

const PACE = 16.67;
const news = defineEvent('news', { channel: 'live', payload: Type.Object({}) });

/** Time that passes only when told to, in whole milliseconds as a timer's does. */
class FakeClock {
  time = 0;
  readonly timers = new Map<number, { at: number; fire: () => void }>();
  started = 0;

  now = (): number => this.time;

  after = (ms: number, fire: () => void) => {
    const id = (this.started += 1);
    this.timers.set(id, { at: this.time + ms, fire });
    return { cancel: () => void this.timers.delete(id) };
  };

  pass(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const [next] = [...this.timers].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at);
      if (next === undefined) break;
      const [id, { at, fire }] = next;
      this.timers.delete(id);
      this.time = at;
      fire();
    }
    this.time = until;
  }
}

function rig(failing: ReadonlySet<string> = new Set()) {
  const clock = new FakeClock();
  const published: { readonly at: number; readonly room: string; readonly x: number }[] = [];
  const failures: unknown[] = [];
  const emitter: Emitter = {
    emit: (_definition, id) => {
      const [room = '', x] = id.split('/');
      if (failing.has(room)) throw new Error('not published');
      published.push({ at: clock.time, room, x: Number(x) });
    },
  };
  const coalescer = new Coalescer<string>(emitter, (_owner, error) => failures.push(error), clock);
  return { clock, published, failures, coalescer };
}

function moved(x: number, key = 'cursor', everyMs = PACE): EmitCommand {
  return {
    kind: 'emit',
    key,
    everyMs,
    publish: (emitter) => {
      emitter.emit(news, `${key}/${String(x)}`, {});
    },
  };
}

test('the first goes at once, of the rest the newest at the pace, the last one always', () => {
  const { clock, published, coalescer } = rig();
  for (let x = 0; x < 100; x++) {
    coalescer.emit('a', moved(x));
    clock.pass(1);
  }
  clock.pass(100);
  expect(published[0]).toMatchObject({ at: 0, x: 0 });
  expect(published.at(-1)).toMatchObject({ x: 99 });
  // 100 ms and the one that trails.
  expect(published).toHaveLength(7);
  for (const [index, { at, x }] of published.entries()) {
    const before = published[index - 1];
    if (before === undefined) continue;
    expect(at - before.at).toBeGreaterThanOrEqual(PACE);
    expect(at - before.at).toBeLessThanOrEqual(PACE + 1);
    expect(x).toBe(Math.min(99, at - 1));
  }
});

test('a pause as long as the pace makes the next go at once', () => {
  const { clock, published, coalescer } = rig();
  for (const [x, at] of [0, 17, 40, 60].entries()) {
    clock.pass(at - clock.time);
    coalescer.emit('a', moved(x));
  }
  expect(published.map(({ at }) => at)).toEqual([0, 17, 40, 60]);
});

test('keys, connections and paces do not wait for each other', () => {
  const { clock, published, coalescer } = rig();
  for (const owner of ['a', 'b']) {
    for (const x of [1, 2, 3]) {
      coalescer.emit(owner, moved(x, 'cursor'));
      coalescer.emit(owner, moved(x, 'selection', 100));
    }
  }
  expect(published.map(({ room, x }) => [room, x])).toEqual([
    ['cursor', 1],
    ['selection', 1],
    ['cursor', 1],
    ['selection', 1],
  ]);
  published.length = 0;
  clock.pass(17);
  expect(published).toEqual([
    { at: 17, room: 'cursor', x: 3 },
    { at: 17, room: 'cursor', x: 3 },
  ]);
  published.length = 0;
  clock.pass(200);
  expect(published).toEqual([
    { at: 100, room: 'selection', x: 3 },
    { at: 100, room: 'selection', x: 3 },
  ]);
});

test('any number of keys shares one timer, which runs only while something was published within its pace', () => {
  const { clock, published, coalescer } = rig();
  for (let i = 0; i < 500; i++) coalescer.emit(`connection ${String(i)}`, moved(1));
  expect(clock.timers.size).toBe(1);
  expect(clock.started).toBe(1);
  for (let i = 0; i < 500; i++) coalescer.emit(`connection ${String(i)}`, moved(2));
  clock.pass(17);
  expect(published).toHaveLength(1_000);
  expect(clock.timers.size).toBe(1);
  clock.pass(17);
  expect(clock.timers.size).toBe(0);
  expect(published).toHaveLength(1_000);
});

test('a shorter pace is not held up by a longer one that came first', () => {
  const { clock, published, coalescer } = rig();
  coalescer.emit('a', moved(1, 'selection', 100));
  coalescer.emit('a', moved(1, 'cursor'));
  coalescer.emit('a', moved(2, 'cursor'));
  clock.pass(50);
  expect(published.at(-1)).toEqual({ at: 17, room: 'cursor', x: 2 });
});

test('what waits is dropped with its connection, and with nobody else', () => {
  const { clock, published, coalescer } = rig();
  for (const owner of ['a', 'b']) for (const x of [1, 2]) coalescer.emit(owner, moved(x));
  coalescer.drop('a');
  coalescer.drop('a');
  published.length = 0;
  clock.pass(100);
  expect(published).toHaveLength(1);
  coalescer.emit('b', moved(3));
  coalescer.emit('b', moved(4));
  coalescer.stop();
  clock.pass(100);
  expect(published.at(-1)).toMatchObject({ x: 3 });
});

test('one connection has a bounded number of keys', () => {
  const { published, coalescer } = rig();
  for (let i = 0; i < 2_000; i++) coalescer.emit('a', moved(i, `cursor-${String(i)}`));
  expect(published).toHaveLength(1_000);
});

test('one that can not be published later is reported, and keeps nobody else waiting', () => {
  const failing = new Set<string>();
  const { clock, published, failures, coalescer } = rig(failing);
  for (const x of [1, 2]) for (const key of ['bad', 'good']) coalescer.emit('a', moved(x, key));
  failing.add('bad');
  clock.pass(20);
  expect(failures).toHaveLength(1);
  expect(published.at(-1)).toMatchObject({ room: 'good', x: 2 });
});
