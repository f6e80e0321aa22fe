import type { ReceivedEvent } from '@parley/bus';
import { joinEnvelope, newMessageId, type TopicMessage } from '@parley/contracts';
import { encoder, encoders, MUST, textFrame } from '@parley/dialects';
import { topicMessage } from '@parley/contracts';
import { expect, test } from 'vitest';
import { plainDialect, RecordingReceiver, subscriptionsRig } from './testing.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

function event(topic: string, sequence: number, previous: number, receiptsTo?: string): ReceivedEvent & { id: string } {
  const message: Omit<TopicMessage, 'topic'> & { topic: string } = {
    messageId: newMessageId(),
    topic,
    from: null,
    sentAt: 0,
    format: 'json',
  };
  return {
    subject: `evt.topic.${topic}`,
    kind: 'topic',
    id: message.messageId,
    sequence,
    previous,
    storedAt: 0,
    data: joinEnvelope(message, Buffer.from('1')),
    receiptsTo,
    traceparent: undefined,
  };
}

test('events of one tick leave as one write per receiver, in order', async () => {
  const { handlers, join } = subscriptionsRig();
  const receivers = Array.from({ length: 5 }, () => new RecordingReceiver());
  for (const receiver of receivers) await join(receiver, 'evt.topic.a');
  const events = Array.from({ length: 16 }, (_, i) => event('a', i + 1, i));
  for (const one of events) handlers.get('evt.topic.a')?.(one);
  await turn();
  for (const receiver of receivers) {
    expect(receiver.texts).toEqual(events.map((one) => one.id));
    expect(receiver.writes).toBe(1);
  }
});

test('an event is encoded once, however many receive it on however many subscriptions', async () => {
  let encodings = 0;
  const counting = {
    ...plainDialect,
    encoders: encoders(
      encoder(topicMessage, ({ payload }) => {
        encodings += 1;
        return { frames: [textFrame(payload.messageId)], delivery: MUST };
      }),
    ),
  };
  const { handlers, join } = subscriptionsRig();
  for (let i = 0; i < 10; i++) await join(new RecordingReceiver(counting), 'evt.topic.a', 'evt.topic.*');
  const one = event('a', 1, 0);
  handlers.get('evt.topic.a')?.(one);
  handlers.get('evt.topic.*')?.({ ...one });
  await turn();
  expect(encodings).toBe(1);
});

test('overlapping subscriptions deliver once; receipts count connections, not subscriptions', async () => {
  const { handlers, receipts, join } = subscriptionsRig();
  const both = new RecordingReceiver();
  const wide = new RecordingReceiver();
  await join(both, 'evt.topic.a', 'evt.topic.*', 'evt.topic.>');
  await join(wide, 'evt.topic.*');
  const one = event('a', 1, 0, 'somewhere');
  for (const handler of handlers.values()) handler({ ...one });
  await turn();
  expect(both.texts).toEqual([one.id]);
  expect(wide.texts).toEqual([one.id]);
  expect(receipts).toEqual([{ count: 2, connectionIds: [] }]);
});

test('who leaves within the tick still gets what came before, who joins does not', async () => {
  const { subscriptions, handlers, join } = subscriptionsRig();
  const early = new RecordingReceiver();
  const late = new RecordingReceiver();
  await join(early, 'evt.topic.a');
  const one = event('a', 1, 0);
  handlers.get('evt.topic.a')?.(one);
  const joining = join(late, 'evt.topic.a');
  subscriptions.leave(early.id, ['evt.topic.a']);
  await joining;
  await turn();
  expect(early.texts).toEqual([one.id]);
  expect(late.texts).toEqual([]);
});

test('the last to leave ends the bus subscription', async () => {
  const { subscriptions, handlers, join } = subscriptionsRig();
  const receivers = [new RecordingReceiver(), new RecordingReceiver()];
  for (const receiver of receivers) await join(receiver, 'evt.topic.a', 'evt.topic.b');
  expect([...handlers.keys()]).toEqual(['evt.topic.a', 'evt.topic.b']);
  for (const receiver of receivers) subscriptions.leaveAll(receiver.id);
  expect(handlers.size).toBe(0);
  expect(subscriptions.size).toBe(0);
});

test('held members get nothing until they are released, then everything in order', async () => {
  const { subscriptions, handlers } = subscriptionsRig();
  const receiver = new RecordingReceiver();
  const joined = await subscriptions.join(receiver, [{ subject: 'evt.topic.a' }]);
  const events = [event('a', 1, 0), event('a', 2, 1)];
  for (const one of events) handlers.get('evt.topic.a')?.(one);
  await turn();
  expect(receiver.texts).toEqual([]);
  if (joined.ok) joined.value.release();
  const live = event('a', 3, 2);
  handlers.get('evt.topic.a')?.(live);
  await turn();
  expect(receiver.texts).toEqual([...events, live].map((one) => one.id));
});

test('what several subjects held is released in the order of the stream, each event once', async () => {
  const { subscriptions, handlers } = subscriptionsRig();
  const receiver = new RecordingReceiver();
  const joined = await subscriptions.join(receiver, [
    { subject: 'evt.topic.b' },
    { subject: 'evt.topic.a' },
    { subject: 'evt.topic.*' },
  ]);
  const events = [event('a', 1, 0), event('b', 2, 0), event('a', 3, 1), event('b', 4, 2)];
  for (const one of events) {
    handlers.get(one.subject)?.(one);
    handlers.get('evt.topic.*')?.({ ...one });
  }
  await turn();
  expect(receiver.texts).toEqual([]);
  if (joined.ok) joined.value.release();
  expect(receiver.texts).toEqual(events.map((one) => one.id));
});
