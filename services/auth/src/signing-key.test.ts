import { describe, expect, it } from 'vitest';
import { deadKeys, dueKey, signingKeyAt, type KeySchedule } from './signing-key.js';

const minute = 60_000;
const schedule: KeySchedule = { rotationMs: 1_000 * minute, leadMs: 10 * minute, outliveMs: 20 * minute };

function key(minutes: number): { signsFrom: Date } {
  return { signsFrom: new Date(minutes * minute) };
}

describe('the life of signing keys', () => {
  it('begins at once when there is none', () => {
    expect(dueKey([], 5 * minute, schedule)).toEqual(new Date(5 * minute));
    const none: { signsFrom: Date }[] = [];
    expect(signingKeyAt(none, 0)).toBeUndefined();
  });

  it('publishes the next key before it signs', () => {
    const first = key(0);
    expect(dueKey([first], 989 * minute, schedule)).toBeUndefined();
    expect(dueKey([first], 990 * minute, schedule)).toEqual(new Date(1_000 * minute));
    const both = [first, key(1_000)];
    expect(dueKey(both, 999 * minute, schedule)).toBeUndefined();
    expect(signingKeyAt(both, 999 * minute)).toBe(first);
    expect(signingKeyAt(both, 1_000 * minute)).toBe(both[1]);
  });

  it('keeps the lead after a long standstill, too', () => {
    expect(dueKey([key(0)], 5_000 * minute, schedule)).toEqual(new Date(5_010 * minute));
  });

  it('forgets a key only when every token that it signed is dead, and never the newest', () => {
    const keys = [key(0), key(1_000)];
    expect(deadKeys(keys, 1_019 * minute, schedule)).toEqual([]);
    expect(deadKeys(keys, 1_020 * minute, schedule)).toEqual([keys[0]]);
    expect(deadKeys([key(0)], 90_000 * minute, schedule)).toEqual([]);
  });
});
