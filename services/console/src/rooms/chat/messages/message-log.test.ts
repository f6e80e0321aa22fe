import { describe, expect, test } from 'vitest';
import { messageOf } from '../testing/messages.js';
import {
  EMPTY_LOG,
  fromNewest,
  KEPT,
  PAGE,
  withChange,
  withMessage,
  withOlder,
  withoutMessage,
} from './message-log.js';

const ids = (log: { readonly messages: readonly { readonly id: string }[] }): string =>
  log.messages.map(({ id }) => id).join(' ');

/** Newest first, as the server lists them. */
function page(newest: number, count: number) {
  return Array.from({ length: count }, (_, index) => messageOf({ id: padded(newest - index) }));
}

function padded(number: number): string {
  return String(number).padStart(6, '0');
}

test('oldest first, each once, whatever comes how often and in which order', () => {
  let log = fromNewest(EMPTY_LOG, [messageOf({ id: 'c' }), messageOf({ id: 'a' })]);
  for (const id of ['d', 'b', 'd']) log = withMessage(log, messageOf({ id }));
  expect(ids(log)).toBe('a b c d');
  expect(ids(withoutMessage(log, 'b'))).toBe('a c d');
  expect(withoutMessage(log, 'x')).toBe(log);
});

test('an answer that is older than an event does not undo the edit', () => {
  const edited = messageOf({ id: 'a', content: 'new', updated_at: '2026-01-01T00:00:01.000Z' });
  const before = messageOf({ id: 'a', content: 'old' });
  const log = withMessage(withMessage(EMPTY_LOG, edited), before);
  expect(log.messages).toEqual([edited]);
  expect(fromNewest(log, [before]).messages).toEqual([edited]);
  expect(withMessage(fromNewest(EMPTY_LOG, [before]), edited).messages).toEqual([edited]);
});

test('a change of what is not in view brings it not into view', () => {
  expect(withChange(EMPTY_LOG, messageOf({ id: 'a' }))).toBe(EMPTY_LOG);
});

test('the newest page in place of what was there: what was deleted meanwhile is gone, what came meanwhile is kept', () => {
  let log = fromNewest(EMPTY_LOG, [messageOf({ id: 'b' }), messageOf({ id: 'a' })]);
  log = withMessage(log, messageOf({ id: 'd' }));
  expect(ids(fromNewest(log, [messageOf({ id: 'c' }), messageOf({ id: 'a' })]))).toBe('a c d');
});

describe('no more than can be shown is kept', () => {
  test('live messages push the oldest out, which can be had again', () => {
    let log = fromNewest(EMPTY_LOG, page(PAGE, PAGE - 1));
    expect(log.older).toBe(false);
    for (let number = PAGE + 1; number <= KEPT + 10; number += 1)
      log = withMessage(log, messageOf({ id: padded(number) }));
    expect([log.messages.length, log.older, log.messages.at(-1)?.id]).toEqual([KEPT, true, padded(KEPT + 10)]);
  });

  test('older ones that are asked for push the newest out; then live ones wait until they are asked for', () => {
    let log = fromNewest(EMPTY_LOG, page(2_000, PAGE));
    for (let before = 2_000 - PAGE; !log.newer; before -= PAGE) log = withOlder(log, page(before, PAGE));
    expect([log.messages.length, log.older]).toEqual([KEPT, true]);
    const newest = log.messages.at(-1)?.id;
    log = withMessage(log, messageOf({ id: padded(2_001) }));
    expect(log.messages.at(-1)?.id).toBe(newest);
    log = fromNewest(log, page(2_001, PAGE));
    expect([log.messages.at(-1)?.id, log.newer, log.messages.length]).toEqual([padded(2_001), false, PAGE]);
  });

  test('the last page says that there is nothing before it', () => {
    const log = fromNewest(EMPTY_LOG, page(100, PAGE));
    expect([log.older, withOlder(log, page(50, 3)).older]).toEqual([true, false]);
  });
});
