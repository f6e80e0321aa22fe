import { expect, test } from 'vitest';
import { Inbox, type Task } from './inbox.js';

function rig() {
  const reads: boolean[] = [];
  const failures: unknown[] = [];
  const inbox = new Inbox(
    { frames: 4, bytes: 1_000 },
    10,
    (on) => reads.push(on),
    (error) => failures.push(error),
  );
  return { inbox, reads, failures };
}

/** A task that lasts until it is let go. */
function held(): { task: Task; let: () => void; started: () => boolean } {
  let resolve: () => void = () => undefined;
  let started = false;
  const promise = new Promise<void>((done) => (resolve = done));
  return {
    task: () => {
      started = true;
      return promise;
    },
    let: resolve,
    started: () => started,
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('one task at a time, in order; those that need no waiting are done at once', async () => {
  const { inbox } = rig();
  const done: number[] = [];
  const slow = held();
  inbox.push(() => {
    done.push(0);
    return undefined;
  }, 1);
  expect(done).toEqual([0]);
  inbox.push(slow.task, 1);
  for (const n of [1, 2, 3]) {
    inbox.push(() => {
      done.push(n);
      return undefined;
    }, 1);
  }
  await turn();
  expect(done).toEqual([0]);
  slow.let();
  await turn();
  expect(done).toEqual([0, 1, 2, 3]);
});

test('reading stops at the limit of frames or bytes and goes on when half of it is done', async () => {
  const { inbox, reads } = rig();
  const tasks = Array.from({ length: 5 }, held);
  for (const { task } of tasks) inbox.push(task, 10);
  expect(reads).toEqual([false]);
  for (const { let: go } of tasks.slice(0, 2)) {
    go();
    await turn();
  }
  expect(reads).toEqual([false]);
  tasks[2]?.let();
  await turn();
  expect(reads).toEqual([false, true]);

  const big = held();
  inbox.push(big.task, 1);
  inbox.push(() => undefined, 1_000);
  expect(reads).toEqual([false, true, false]);
});

test('says no beyond its bound of tasks', () => {
  const { inbox } = rig();
  inbox.push(held().task, 0);
  const answers = Array.from({ length: 12 }, () => inbox.push(() => undefined, 0));
  expect(answers.filter((taken) => taken)).toHaveLength(10);
});

test('a task that throws or rejects is reported and holds nothing up', async () => {
  const { inbox, failures } = rig();
  const done: string[] = [];
  inbox.push(() => {
    throw new Error('thrown');
  }, 0);
  inbox.push(() => Promise.reject(new Error('rejected')), 0);
  inbox.push(() => {
    done.push('after');
    return undefined;
  }, 0);
  await turn();
  expect(failures.map(String)).toEqual(['Error: thrown', 'Error: rejected']);
  expect(done).toEqual(['after']);
});

test('a closed inbox starts nothing more', async () => {
  const { inbox } = rig();
  const slow = held();
  const never = held();
  inbox.push(slow.task, 0);
  inbox.push(never.task, 0);
  inbox.close();
  slow.let();
  await turn();
  expect(never.started()).toBe(false);
});
