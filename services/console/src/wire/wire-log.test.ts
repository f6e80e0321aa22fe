import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { matches } from './wire-filter.js';
import { KEPT, WireLog } from './wire-log.js';
import { hexOf, prettyOf, textOf } from './wire-text.js';

const TOPICS = new URL('ws://host/ws/topics');
let log: WireLog;

beforeEach(() => {
  vi.useFakeTimers();
  log = new WireLog();
});
afterEach(() => void vi.useRealTimers());

function shown() {
  vi.advanceTimersByTime(200);
  return log.entries.get();
}

test('frames have a type and a direction, whatever they are; notes stand between them', () => {
  const line = log.line(1, TOPICS);
  line.opened();
  line.sent('{"type":"Ping","data":{}}');
  line.received('{"op":"DISPATCH","t":"READY"}');
  line.received('no json');
  line.received(new Uint8Array([1, 0, 255]).buffer);
  line.closed(1006, '');
  expect(shown().map((entry) => (entry.kind === 'frame' ? `${entry.direction} ${entry.type}` : entry.text))).toEqual([
    'host/ws/topics opened',
    'out Ping',
    'in READY',
    'in ?',
    'in binary',
    'closed: 1006',
  ]);
});

test('only the newest are kept, and a huge frame is cut', () => {
  const line = log.line(1, TOPICS);
  line.received('x'.repeat(1_000_000));
  const [huge] = shown();
  expect(huge?.text).toBe(`${'x'.repeat(20_000)}… (1000000 characters)`);
  for (let i = 0; i < KEPT + 10; i++) line.received(`{"type":"${String(i)}"}`);
  const entries = shown();
  expect([entries.length, entries.at(-1)]).toMatchObject([KEPT, { type: String(KEPT + 9) }]);
  log.clear();
  expect(log.entries.get()).toEqual([]);
});

test('what a second connection brings of the past is counted', () => {
  log.line(1, TOPICS).opened();
  expect(log.replays.get()).toEqual([]);
  const again = log.line(2, TOPICS);
  again.opened();
  again.received(JSON.stringify({ type: 'Status', data: { status: 'connected', details: { server_time: 100 } } }));
  again.received(JSON.stringify({ type: 'Broadcast', data: { topic: 't', metadata: { sent_at: 50 } } }));
  again.received(JSON.stringify({ type: 'Broadcast', data: { topic: 't', metadata: { sent_at: 150 } } }));
  expect(log.replays.get()).toMatchObject([{ dialect: 'topics', frames: 1, happenings: 1 }]);
  const flags = shown().flatMap((entry) => (entry.kind === 'frame' ? [entry.replayed] : []));
  expect(flags).toEqual([0, 1, 0]);
});

test('filters: words, direction, dialect', () => {
  const line = log.line(1, TOPICS);
  line.sent('{"type":"Subscribe","data":{"topics":["chat.general"]}}');
  line.received('{"type":"Ack","data":{}}');
  log.note('cut', 'cut here');
  const count = (words: string, direction: 'in' | 'out' | 'both' | 'replayed', dialect?: 'topics' | 'chat'): number =>
    shown().filter((entry) => matches(entry, { words, direction, only: true }, dialect)).length;
  expect([count('', 'both'), count('GENERAL subscribe', 'both'), count('', 'in'), count('', 'replayed')]).toEqual([
    3, 1, 1, 0,
  ]);
  expect([count('', 'both', 'chat'), count('', 'both', 'topics')]).toEqual([1, 3]);
});

test('as text: a line for the clipboard, JSON indented, bytes as hex', () => {
  const line = log.line(1, TOPICS);
  line.sent(new Uint8Array([0, 171]));
  const [entry] = shown();
  expect(entry === undefined ? '' : textOf(entry)).toMatch(/^\d{4}-.*Z -> topics 00 ab$/);
  expect(prettyOf('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(prettyOf('not json')).toBe('not json');
  expect(hexOf(new Uint8Array(300))).toContain('… (300 bytes)');
});
