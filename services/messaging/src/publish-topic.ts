import { createHash } from 'node:crypto';
import type { Bus, ReceivedEvent, RequestContext } from '@parley/bus';
import {
  fail,
  newMessageId,
  ok,
  topicMessage,
  type messaging,
  type Actor,
  type Outcome,
  type Topic,
  type TopicMessage,
  type TransportErrorCode,
} from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { topicPublications } from './messaging.metrics.js';
import { checksumOf, isTooLarge } from './payload.js';
import type { TopicRules } from './topic-rules.js';

type Request = Static<typeof messaging.publishTopic.request>;
type Reply = Static<typeof messaging.publishTopic.reply>;
type Result = Outcome<Reply, 'forbidden' | 'too_large' | TransportErrorCode>;

interface Dependencies {
  readonly bus: Pick<Bus, 'publish' | 'read'>;
  readonly rules: TopicRules;
  readonly maxBytes: number;
}

const STORED = { result: 'ok' };
const REPEATED = { result: 'repeated' };

/** The hot path: one check in memory, one publication. */
export async function publishTopic(
  { bus, rules, maxBytes }: Dependencies,
  request: Request,
  { body }: RequestContext,
): Promise<Result> {
  const { actor, topic, format } = request;
  if (body === undefined) return refuse('invalid', 'A message needs a payload.');
  if (!rules.mayPublish(actor, topic)) return refuse('forbidden', `You may not publish on ${topic}.`);
  if (isTooLarge(format, body, request.metadata, maxBytes)) {
    return refuse('too_large', `A message has at most ${String(maxBytes)} bytes.`);
  }
  const message = messageOf(request, body);
  const { messageId, sentAt } = message;
  const published = await bus.publish(topicMessage, topic, message, {
    body,
    messageId: request.idempotencyKey === undefined ? messageId : scopedKey(actor, topic, request.idempotencyKey),
    ...(request.receiptsTo === undefined ? {} : { receiptsTo: request.receiptsTo }),
  });
  if (!published.ok) return refuse(published.error.code, published.error.message);
  const { sequence, duplicate } = published.value;
  if (!duplicate) {
    topicPublications.add(1, STORED);
    return ok({ sequence, messageId, sentAt, duplicate });
  }
  topicPublications.add(1, REPEATED);
  const first = await readFirst(bus, topic, sequence);
  return ok({ sequence, messageId: first?.messageId ?? messageId, sentAt: first?.sentAt ?? sentAt, duplicate });
}

function messageOf(request: Request, body: Uint8Array): TopicMessage {
  const { actor, topic, format, name, metadata } = request;
  const message: TopicMessage = {
    messageId: newMessageId(),
    topic,
    from: actor.type === 'user' ? actor.userId : null,
    sentAt: Date.now(),
    format,
  };
  if (format !== 'json') Object.assign(message, checksumOf(format, body));
  if (name !== undefined) message.name = name;
  if (metadata !== undefined) message.metadata = metadata;
  return message;
}

const PLAIN = /^[A-Za-z0-9_:.-]+$/;

/** Keys are the caller's own: one user's must not meet another's, nor may odd characters reach a header. */
function scopedKey(actor: Actor, topic: Topic, key: string): string {
  const plain = PLAIN.test(key) ? key : createHash('sha256').update(key).digest('hex');
  return `${actor.type === 'user' ? actor.userId : 'server'}:${topic}:${plain}`;
}

/** What was stored under the key at first; undefined when the topic has already dropped it. */
async function readFirst(bus: Dependencies['bus'], topic: Topic, sequence: number): Promise<TopicMessage | undefined> {
  const subject = topicMessage.subject(topic);
  const read = await bus.read({ stream: 'TOPICS', subject, after: sequence - 1, limit: 1 });
  const event: ReceivedEvent | undefined = read.ok ? read.value.events[0] : undefined;
  return event?.sequence === sequence ? topicMessage.decode(event)?.payload : undefined;
}

function refuse<E extends 'forbidden' | 'too_large' | TransportErrorCode>(code: E, message: string) {
  topicPublications.add(1, { result: code });
  return fail(code, message);
}
