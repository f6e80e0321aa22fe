import { context, createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { OccasionalContextManager } from './context-manager.js';

const key = createContextKey('parley test');
const traced = (id: string) =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId: id.repeat(32), spanId: id.repeat(16), traceFlags: 0 });
const [one, two] = [traced('1'), traced('2')];

let manager: OccasionalContextManager;
beforeEach(() => {
  manager = new OccasionalContextManager();
  context.setGlobalContextManager(manager);
  onTestFinished(() => {
    context.disable();
  });
});

it('carries a trace to the end of what was promised, and two side by side', async () => {
  const seen = async (mine: typeof one): Promise<boolean[]> => {
    const marks = [context.active() === mine];
    for (let step = 0; step < 3; step++) {
      await turn();
      marks.push(context.active() === mine);
    }
    return marks;
  };
  const both = await Promise.all([one, two].map((mine) => context.with(mine, seen, undefined, mine)));
  expect(both.flat()).toEqual(Array.from({ length: 8 }, () => true));
  expect(context.active()).toBe(ROOT_CONTEXT);
});

it('carries nothing once no trace is under way', async () => {
  let later: unknown;
  const late = new Promise<void>((resolve) => {
    context.with(one, () =>
      setImmediate(() => {
        later = context.active();
        resolve();
      }),
    );
  });
  await late;
  expect(later).toBe(ROOT_CONTEXT);
});

it('carries for as long as somebody holds it, however often that is released', async () => {
  const release = manager.hold();
  const late = context.with(one, () => ({ active: turn().then(() => context.active()) }));
  expect(await late.active).toBe(one);
  release();
  const other = manager.hold();
  release();
  const still = context.with(two, () => ({ active: turn().then(() => context.active()) }));
  expect(await still.active).toBe(two);
  other();
});

it('gives a context without a trace no more than a call', () => {
  const said = context.with(ROOT_CONTEXT.setValue(key, 1), () => context.active());
  expect(said).toBe(ROOT_CONTEXT);
});

it('ends a trace inside of another’s, and passes on what is thrown', async () => {
  const inside = context.with(one, async () => {
    const none = context.with(ROOT_CONTEXT, () => context.active());
    await turn();
    return [none, context.active()];
  });
  expect(await inside).toEqual([ROOT_CONTEXT, one]);
  const fail = (): never => {
    throw new Error('as it was');
  };
  expect(() => context.with(one, fail)).toThrow('as it was');
  expect(context.active()).toBe(ROOT_CONTEXT);
});
