import { expect, test } from 'vitest';
import { nextSync, OPENING, resumedText, syncText, type SyncEvent, type SyncState } from './sync-state.js';

const status = (to: 'joining' | 'joined' | 'offline' | 'left'): SyncEvent => ({ kind: 'status', status: to });
const document = (version: number, pending: number): SyncEvent => ({ kind: 'document', version, pending });
const edit: SyncEvent = { kind: 'edit' };

function after(...events: readonly SyncEvent[]): SyncState {
  return events.reduce(nextSync, OPENING);
}

function noticeOf({ resumed }: SyncState): string | undefined {
  return resumed && resumedText(resumed);
}

const open = [status('joining'), document(4, 0), status('joined')];

test('opens, saves, and says so', () => {
  expect(syncText(OPENING)).toBe('opening');
  expect(syncText(after(...open))).toBe('all changes saved');
  expect(syncText(after(...open, edit, document(4, 1)))).toBe('sending 1 operation');
  expect(syncText(after(...open, edit, document(4, 1), document(5, 0)))).toBe('all changes saved');
});

test('without a connection it counts what waits, with what was under way', () => {
  const offline = after(...open, edit, document(4, 1), status('offline'), edit, document(4, 2), edit);
  expect(syncText(offline)).toBe('offline, 3 changes waiting');
  expect(syncText(after(...open, status('offline')))).toBe('offline');
});

test('a resume tells what it brought in both directions', () => {
  const away = [...open, status('offline'), edit, document(4, 1), edit, document(4, 2)];
  const back = [status('joining'), document(5, 2), document(6, 2), document(7, 2), status('joined')];
  expect(syncText(after(...away, status('joining')))).toBe('back again, fetching what was missed');
  const joined = after(...away, ...back);
  expect([syncText(joined), joined.resumed]).toEqual(['sending 2 operations', { others: 3, mine: 2 }]);
  const saved = after(...away, ...back, document(8, 1), document(9, 0));
  expect([syncText(saved), noticeOf(saved)]).toEqual([
    'all changes saved',
    'resumed: 3 operations from others, 2 of mine sent',
  ]);
  expect(noticeOf(nextSync(saved, { kind: 'read' }))).toBeUndefined();
});

test('an own operation whose acknowledgment was lost is none of the others', () => {
  const lost = [...open, edit, document(4, 1), status('offline'), status('joining'), document(5, 1), document(6, 0)];
  expect(noticeOf(after(...lost, status('joined')))).toBe('resumed: 1 operation from others, 1 of mine sent');
});

test('a short one that nobody used brings nothing, and a second one counts anew', () => {
  const first = [...open, status('offline'), status('joining'), status('joined')];
  expect(noticeOf(after(...first))).toBe('resumed: nothing was missed');
  const second = after(
    ...first,
    status('offline'),
    edit,
    status('joining'),
    document(4, 1),
    status('joined'),
    document(5, 0),
  );
  expect(noticeOf(second)).toBe('resumed: 0 operations from others, 1 of mine sent');
});

test('a failed attempt to come back forgets nothing', () => {
  const state = after(...open, status('offline'), edit, status('joining'), document(6, 0), status('offline'), edit);
  expect([state.waiting, state.missed]).toEqual([2, 2]);
});
