import type { Bus, ReadOptions, ReceivedEvent } from '@parley/bus';
import { fail, joinEnvelope, newMessageId, ok, topicMessage } from '@parley/contracts';
import { encoder, encoders, MUST, textFrame } from '@parley/dialects';
import { expect, test } from 'vitest';
import { Subscriptions } from './subscriptions.js';
import { plainDialect, RecordingReceiver } from './testing.js';

type Position = Awaited<ReturnType<Bus['position']>>;

function event(sequence: number, bytes = 1): ReceivedEvent {
  const message = { messageId: newMessageId(), topic: 'a', from: null, sentAt: 0, format: 'json' };
  return {
    subject: 'evt.topic.a',
    kind: 'topic',
    id: 'a',
    sequence,
    previous: sequence - 1,
    storedAt: Date.now(),
    data: joinEnvelope(message, Buffer.alloc(bytes, '1')),
    receiptsTo: undefined,
    traceparent: undefined,
  };
}

/** Over a bus that the test plays itself: `positions` are its next answers, `stored` what its stream holds. */
function rig() {
  const positions: Promise<Position>[] = [];
  const stored: ReceivedEvent[] = [];
  const reads: ReadOptions[] = [];
  const live: ((event: ReceivedEvent) => void)[] = [];
  const subscriptions = new Subscriptions({
    bus: {
      subscribe: (subject, handler) => {
        live.push(handler);
        return { subject, unsubscribe: () => live.splice(live.indexOf(handler), 1) };
      },
      position: () => positions.shift() ?? Promise.resolve(ok(stored.length)),
      epoch: () => 'first',
      read: (options) => {
        reads.push(options);
        const events = stored.filter((one) => one.sequence > options.after).slice(0, options.limit);
        return new Promise((resolve) => setImmediate(resolve, ok({ events, more: false, firstSequence: 1 })));
      },
    },
    keptPerSubject: { EVENTS: 1_000, TOPICS: 1_000 },
    maxRecoveredBytes: 100_000,
    receipt: () => undefined,
    measured: () => undefined,
    repaired: () => undefined,
    lost: () => undefined,
  });
  const recovering = (after: number) => [
    { subject: 'evt.topic.a', recover: { after, limit: 100, maxAgeSeconds: 3_600 } },
  ];
  return { subscriptions, positions, stored, reads, live, recovering };
}

test('a subscription that was not confirmed is asked about again, though somebody still waits on it', async () => {
  const { subscriptions, positions } = rig();
  let confirm = (_position: Position): void => undefined;
  const slow = new Promise<Position>((resolve) => (confirm = resolve));
  positions.push(Promise.resolve(fail('timeout', 'late')), slow);
  const first = subscriptions.join(new RecordingReceiver(), [{ subject: 'evt.topic.a' }]);
  // Waits for its other subject, and so keeps the first one alive.
  const waiting = subscriptions.join(new RecordingReceiver(), [{ subject: 'evt.topic.b' }, { subject: 'evt.topic.a' }]);
  expect((await first).ok).toBe(false);
  const third = await subscriptions.join(new RecordingReceiver(), [{ subject: 'evt.topic.a' }]);
  expect(third.ok).toBe(true);
  confirm(ok(0));
  expect((await waiting).ok).toBe(true);
});

test('ten thousand that come back at once cost two reads, and get the same', async () => {
  const { subscriptions, stored, reads, recovering } = rig();
  stored.push(...[1, 2, 3].map((sequence) => event(sequence)));
  const receivers = Array.from({ length: 10_000 }, () => new RecordingReceiver());
  const joined = await Promise.all(receivers.map((receiver) => subscriptions.join(receiver, recovering(1))));
  for (const one of joined) {
    if (!one.ok) throw new Error(one.error.message);
    expect(one.value.results[0]?.recovered).toEqual({ complete: true, count: 2 });
    one.value.release();
  }
  expect(reads.length).toBeLessThanOrEqual(2);
  const [first] = receivers;
  expect(first?.texts).toHaveLength(2);
  for (const receiver of receivers) expect(receiver.texts).toEqual(first?.texts);
});

test('what is published between a shared read and a later join is missed by nobody', async () => {
  const { subscriptions, stored, live, recovering } = rig();
  stored.push(event(1));
  const [early, late] = [new RecordingReceiver(), new RecordingReceiver()];
  const first = subscriptions.join(early, recovering(0));
  await Promise.resolve();
  const newer = event(2);
  stored.push(newer);
  for (const handler of live) handler(newer);
  const second = subscriptions.join(late, recovering(0));
  for (const joined of await Promise.all([first, second])) if (joined.ok) joined.value.release();
  expect(late.texts).toHaveLength(2);
  expect(early.texts).toEqual(late.texts);
});

test('more than the connection could be written at once counts as too much missed', async () => {
  const { subscriptions, stored, recovering } = rig();
  stored.push(...[1, 2, 3].map((sequence) => event(sequence, 40_000)));
  const joined = await subscriptions.join(new RecordingReceiver(), recovering(0));
  expect(joined.ok && joined.value.results[0]?.recovered).toEqual({ complete: false, count: 0 });
  const two = await subscriptions.join(new RecordingReceiver(), recovering(1));
  expect(two.ok && two.value.results[0]?.recovered).toEqual({ complete: true, count: 2 });
});

test('what is held for a connection that catches up is bounded in bytes', async () => {
  const { subscriptions, live } = rig();
  const whole = encoder(topicMessage, ({ body }) => ({ frames: [textFrame(body ?? '')], delivery: MUST }));
  const receiver = new RecordingReceiver({ ...plainDialect, encoders: encoders(whole) });
  await subscriptions.join(receiver, [{ subject: 'evt.topic.a' }]);
  for (let sequence = 1; sequence <= 6; sequence++) {
    for (const handler of live) handler(event(sequence, 900_000));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(receiver.endings).toContain('slow');
});
