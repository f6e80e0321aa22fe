import type { HistoryPage } from '@parley/client';
import { describe, expect, test, vi } from 'vitest';
import { SentList } from './sent.js';
import { KEPT, newSubscription, withEntry, withGap, type StreamEntry } from './stream.js';
import { TopicHistory } from './topic-history.js';

function message(sequence: number): StreamEntry & { readonly kind: 'message' } {
  const metadata = { sent_at: 0, message_id: `m${String(sequence)}`, sequence };
  return { kind: 'message', key: sequence, message: { topic: 'a', payload: sequence, metadata }, at: 0 };
}

describe('what comes', () => {
  test('is counted, and the newest of it is kept', () => {
    let subscription = newSubscription('a');
    for (let sequence = 1; sequence <= KEPT + 5; sequence += 1)
      subscription = withEntry(subscription, message(sequence));
    expect([subscription.count, subscription.entries.length, subscription.entries[0]?.key]).toEqual([
      KEPT + 5,
      KEPT,
      6,
    ]);
  });

  test('a gap is shown where something had come before', () => {
    const both = [withEntry(newSubscription('a'), message(1)), newSubscription('b')];
    const kinds = withGap(both, { patterns: ['a', 'b'] }, 2, 0).map(({ entries }) => entries.map(({ kind }) => kind));
    expect(kinds).toEqual([['message', 'gap'], []]);
  });
});

test('what was sent has a receipt; what failed goes out again under the same id', async () => {
  const ids: string[] = [];
  let fails = true;
  const list = new SentList((_to, _payload, id) => {
    ids.push(id);
    return fails ? Promise.reject(new Error('no')) : Promise.resolve(7);
  });
  list.send('a', 'x');
  await vi.waitFor(() => expect(list.state.get()).toMatchObject([{ state: 'failed', error: { message: 'no' } }]));
  fails = false;
  list.retry(1);
  await vi.waitFor(() => expect(list.state.get()).toMatchObject([{ state: 'done', receipt: 7, error: undefined }]));
  list.send('a', 'x');
  expect([ids.length, new Set(ids).size]).toEqual([3, 2]);
});

test('history in pages, oldest first, and an error that leaves what was read', async () => {
  const pages: (HistoryPage | Error)[] = [];
  const asked: unknown[] = [];
  const history = new TopicHistory({
    history: (topic, options) => {
      asked.push([topic, options?.before]);
      const page = pages.shift();
      return page === undefined || page instanceof Error
        ? Promise.reject(page ?? new Error('none'))
        : Promise.resolve(page);
    },
  });
  const pageOf = (...sequences: number[]): HistoryPage => ({
    topic: 'a',
    more: sequences[0] !== 1,
    messages: sequences.map((sequence) => message(sequence).message),
  });
  pages.push(pageOf(3, 4), new Error('gone'), pageOf(1, 2));
  await history.read('a');
  await history.older();
  expect(history.state.get()).toMatchObject({ error: { message: 'gone' }, loading: false, more: true });
  await history.older();
  await history.older();
  expect(history.state.get().messages.map(({ metadata }) => metadata.sequence)).toEqual([1, 2, 3, 4]);
  expect(asked).toEqual([
    ['a', undefined],
    ['a', 3],
    ['a', 3],
  ]);
});
