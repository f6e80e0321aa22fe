import type { PublishOutcome } from '@parley/bus';
import { fail, newConnectionId, newUserId, ok } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Entry } from './room-document.js';
import { Backlog, RoomEvents } from './room-events.js';
import { gaps } from './rooms.metrics.js';
import { asRoomId } from './testing/rooms-fixture.js';

interface Publication {
  readonly messageId: string;
  readonly answer: (outcome: PublishOutcome) => void;
}

let published: Publication[];
let backlog: Backlog;
let errors: unknown[];
/** Attempts to publish that throw before one goes through. */
let throwing: number;
let events: RoomEvents;

beforeEach(() => {
  published = [];
  errors = [];
  throwing = 0;
  backlog = new Backlog(1_000, 3);
  events = new RoomEvents({
    roomId: asRoomId('room'),
    incarnation: 'one',
    publish: (_, __, { messageId }) => {
      if (throwing-- > 0) throw new Error('torn');
      return new Promise((answer) => published.push({ messageId, answer }));
    },
    backlog,
    ours: () => true,
    logger: { warn: () => undefined, error: (fields) => errors.push(fields) },
    announced: 1,
    position: 10,
  });
});

function entry(version: number): Entry {
  const tag = { id: `id-${String(version)}`, userId: newUserId(), connectionId: newConnectionId() };
  return { baseVersion: 1, version, text: '[]', tag };
}

const stored = (index: number, sequence: number): void => {
  published[index]?.answer(ok({ sequence, duplicate: false }));
};
const names = (): string[] => published.map(({ messageId }) => messageId);

it('are published at once, named by the first version in them, and only in order of version', () => {
  events.announce([entry(2), entry(3)]);
  events.announce([entry(4)]);
  events.announce([entry(4)]);
  events.announce([entry(7)]);
  expect(names()).toEqual(['one:2', 'one:4']);
  expect(events.enqueued).toBe(4);
});

it('count as announced in their order, whatever the order of the acknowledgements', async () => {
  events.announce([entry(2)]);
  events.announce([entry(3)]);
  const settled = events.settled();
  stored(1, 12);
  await waitFor(() => events.acknowledged === 1, 'nothing yet');
  stored(0, 11);
  expect(await settled).toEqual(ok(12));
  expect(events.acknowledged).toBe(3);
  expect([backlog.bytes, backlog.events]).toEqual([0, 0]);
});

it('behind a gap are not announced: it is told of once, with its versions, and counted', () => {
  const counted = vi.spyOn(gaps, 'add');
  events.announce([entry(2)]);
  events.announce([entry(2)]);
  expect(errors).toEqual([]);
  events.announce([entry(5), entry(6)]);
  events.announce([entry(7)]);
  expect(errors).toEqual([{ roomId: 'room', announced: 2, first: 5, last: 6 }]);
  expect(counted).toHaveBeenCalledTimes(2);
  events.announce([entry(3), entry(4)]);
  events.announce([entry(6)]);
  expect(errors).toHaveLength(2);
});

it('are sent again when sending throws', async () => {
  throwing = 1;
  events.announce([entry(2)]);
  events.announce([entry(3)]);
  await waitFor(() => published.length > 0, 'another attempt');
  stored(0, 11);
  await waitFor(() => published.length === 2, 'both');
  stored(1, 12);
  expect(await events.settled()).toEqual(ok(12));
  expect(errors).toHaveLength(1);
});

it('wait behind one that failed, which goes first again', async () => {
  events.announce([entry(2)]);
  events.announce([entry(3)]);
  published[0]?.answer(fail('timeout', 'late'));
  await nextTurn();
  events.announce([entry(4)]);
  expect(names()).toEqual(['one:2', 'one:3']);
  stored(1, 12);
  await waitFor(() => published.length === 4, 'another attempt');
  expect(names().slice(2)).toEqual(['one:2', 'one:4']);
  stored(2, 13);
  stored(3, 14);
  expect(await events.settled()).toEqual(ok(14));
});

it('one that can never be sent does not hold up the others', async () => {
  events.announce([entry(2)]);
  events.announce([entry(3)]);
  published[0]?.answer(fail('internal', 'too large'));
  stored(1, 12);
  expect(await events.settled()).toEqual(ok(12));
});

it('what waits is told where the room has got to: without anything on its way, at once', async () => {
  expect(await events.settled()).toEqual(ok(10));
  events.announce([entry(2)]);
  const [before, after] = [events.settled(), Promise.resolve().then(() => events.settled())];
  await Promise.resolve();
  events.announce([entry(3)]);
  stored(0, 20);
  stored(1, 21);
  expect(await before).toEqual(ok(20));
  expect((await after).ok).toBe(true);
});

it('too many of them fill the backlog; a room that is closed gives its part back', async () => {
  for (const version of [2, 3, 4]) events.announce([entry(version)]);
  expect(backlog.full).toBe(true);
  const settled = events.settled();
  events.close();
  expect(backlog.full).toBe(false);
  expect((await settled).ok).toBe(false);
  stored(0, 11);
  await nextTurn();
  expect(backlog.events).toBe(0);
});
