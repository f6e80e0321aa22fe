import { expect, test } from 'vitest';
import { RemoteValue } from './remote-value.js';

/** Reads that the test answers, one by one. */
function readings(): {
  read: () => Promise<string>;
  answer: (...values: (string | Error)[]) => Promise<void>;
  asked: () => number;
} {
  const open: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  let asked = 0;
  return {
    asked: () => asked,
    read: () => {
      asked += 1;
      return new Promise((resolve, reject) => open.push({ resolve, reject }));
    },
    answer: async (...values) => {
      for (const value of values) {
        const one = open.shift();
        if (value instanceof Error) one?.reject(value);
        else one?.resolve(value);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    },
  };
}

test('what fails for the first time is an error, later what was known is kept beside it', async () => {
  const { read, answer } = readings();
  const value = new RemoteValue(read);
  const failed = value.reload();
  await answer(new Error('no'));
  await failed;
  expect(value.state.get()).toMatchObject({ state: 'failed', error: { message: 'no' } });
  const done = value.reload();
  expect(value.state.get()).toEqual({ state: 'loading' });
  await answer('a');
  await done;
  expect(value.state.get()).toEqual({ state: 'ready', value: 'a', error: undefined });
  const again = value.reload();
  await answer(new Error('gone'));
  await again;
  expect(value.state.get()).toMatchObject({ state: 'ready', value: 'a', error: { message: 'gone' } });
});

test('who asks while an answer is under way gets a newer one', async () => {
  const { read, answer, asked } = readings();
  const value = new RemoteValue(read);
  const both = [value.reload(), value.reload()];
  await answer('old', 'new');
  await Promise.all(both);
  expect([value.value, asked()]).toEqual(['new', 2]);
});

test('an answer that was under way does not undo what came meanwhile', async () => {
  const { read, answer } = readings();
  const value = new RemoteValue(read);
  value.set('known');
  const done = value.reload();
  value.update((one) => `${one}, changed`);
  await answer('before the change');
  expect(value.value).toBe('known, changed');
  await answer('after the change');
  await done;
  expect(value.value).toBe('after the change');
});
