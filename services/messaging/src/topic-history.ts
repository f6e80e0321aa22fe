import type { Bus, ReceivedEvent } from '@parley/bus';
import {
  fail,
  ok,
  topicMessage,
  type messaging,
  type Outcome,
  type StoredTopicMessage,
  type TransportErrorCode,
} from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { fitting, HEAD_BYTES } from './direct-message.js';
import { payloadText, sizeInReply } from './payload.js';
import type { TopicRules } from './topic-rules.js';

type Request = Static<typeof messaging.topicHistory.request>;
type Reply = Static<typeof messaging.topicHistory.reply>;

interface Dependencies {
  readonly bus: Pick<Bus, 'read'>;
  readonly rules: TopicRules;
  readonly maxBytes: number;
  readonly now: () => number;
}

/** Events per read; the bus bounds their bytes. */
const READ_LIMIT = 1_000;

export async function topicHistory(
  dependencies: Dependencies,
  request: Request,
): Promise<Outcome<Reply, 'forbidden' | TransportErrorCode>> {
  const { rules, maxBytes, now } = dependencies;
  const { actor, topic, limit } = request;
  if (!rules.maySubscribe(actor, topic)) return fail('forbidden', `You may not read ${topic}.`);
  const rule = rules.history(topic);
  if (rule.messages === 0 || rule.seconds === 0) return ok({ messages: [], more: false });

  const kept = await readKept(dependencies, request);
  if (!kept.ok) return kept;
  const { sequences, newest } = kept.value;
  const oldestAllowed = sequences.at(-rule.messages) ?? 0;
  const oldestTime = now() - rule.seconds * 1_000;
  const allowed = newest
    .filter((event) => event.sequence >= oldestAllowed && event.storedAt >= oldestTime)
    .map(stored)
    .filter((message) => message !== undefined);

  const newestFirst = allowed.slice(-limit).toReversed();
  const page = fitting(newestFirst, maxBytes + HEAD_BYTES);
  return ok({ messages: page.toReversed().map(({ message }) => message), more: allowed.length > page.length });
}

interface Kept {
  /** Of all messages that the stream holds of the topic. */
  readonly sequences: readonly number[];
  /** Those before `before`, the newest of them: one more than asked for. */
  readonly newest: readonly ReceivedEvent[];
}

/**
 * The stream is read forwards only, so a page from the end means reading what the topic keeps; of that only the page is
 * held. Rules bound how much it is.
 */
async function readKept(
  { bus, rules }: Dependencies,
  { topic, before, limit }: Request,
): Promise<Outcome<Kept, 'unavailable' | 'timeout'>> {
  const subject = topicMessage.subject(topic);
  const most = rules.largestHistory().messages + READ_LIMIT;
  const sequences: number[] = [];
  let newest: ReceivedEvent[] = [];
  let after = 0;
  while (sequences.length < most) {
    const read = await bus.read({ stream: 'TOPICS', subject, after, limit: READ_LIMIT });
    if (!read.ok) return read;
    const { events, more } = read.value;
    for (const event of events) sequences.push(event.sequence);
    const older = before === undefined ? events : events.filter((event) => event.sequence < before);
    newest = [...newest, ...older].slice(-limit - 1);
    after = events.at(-1)?.sequence ?? after;
    if (!more || events.length === 0) break;
  }
  return ok({ sequences, newest });
}

/** Undefined for what no longer fits its schema; it is counted where it is decoded. */
function stored(event: ReceivedEvent): { message: StoredTopicMessage; size: number } | undefined {
  const decoded = topicMessage.decode(event);
  if (decoded?.body === undefined) return undefined;
  const { payload, body } = decoded;
  const message = { ...payload, sequence: event.sequence, payload: payloadText(payload.format, body) };
  return { message, size: sizeInReply(payload.format, body, payload.metadata) };
}
