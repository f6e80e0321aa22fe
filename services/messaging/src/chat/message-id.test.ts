import { newMessageId, type MessageId } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { messageIdAfter, timeOf } from './message-id.js';

const NOW = Date.UTC(2026, 0, 1);

function chain(count: number, clock: (n: number) => number, first?: MessageId): MessageId[] {
  const ids: MessageId[] = [];
  for (let n = 0; n < count; n++) ids.push(messageIdAfter(ids.at(-1) ?? first, clock(n)));
  return ids;
}

describe('ids of messages', () => {
  it('are UUIDv7 of their time', () => {
    const id = messageIdAfter(undefined, NOW);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(timeOf(id)).toBe(NOW);
    expect(Math.abs(timeOf(newMessageId()) - Date.now())).toBeLessThan(1_000);
  });

  it.each([
    ['goes on', (n: number) => NOW + n],
    ['stands still', () => NOW],
    ['runs backwards', (n: number) => NOW - n],
    ['jumps', (n: number) => NOW + (n % 2 === 0 ? 5_000 : -5_000)],
  ])('grow while the clock %s', (_, clock) => {
    const ids = chain(10_000, clock);
    expect(ids).toEqual([...new Set(ids)].toSorted());
  });

  it('grow past those of an owner whose clock was ahead, and stay close to them', () => {
    const ahead = messageIdAfter(undefined, NOW + 60_000);
    const ids = chain(100, () => NOW, ahead);
    expect([ahead, ...ids]).toEqual([ahead, ...ids].toSorted());
    expect(timeOf(ids.at(-1) ?? ahead)).toBe(NOW + 60_000);
  });
});
