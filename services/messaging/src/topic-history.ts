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
  const allowed = newest.filter((entry) => entry.sequence >= oldestAllowed && entry.storedAt >= oldestTime);
  const dropped = allowed.findLastIndex((entry) => entry.event === undefined);
  const messages = allowed
    .slice(dropped + 1)
    .flatMap(({ event }) => event ?? [])
    .map(stored)
    .filter((message) => message !== undefined);

  const newestFirst = messages.slice(-limit).toReversed();
  const page = fitting(newestFirst, maxBytes + HEAD_BYTES);
  const more = dropped >= 0 || messages.length > page.length;
  return ok({ messages: page.toReversed().map(({ message }) => message), more });
}

interface Entry extends Pick<ReceivedEvent, 'sequence' | 'storedAt'> {
  /** Undefined: so much came after it that it cannot be on the page, only before it. */
  readonly event: ReceivedEvent | undefined;
}

interface Kept {
  /** Of all messages that the stream holds of the topic. */
  readonly sequences: readonly number[];
  /** Those before `before`, the newest of them: one more than asked for. */
  readonly newest: readonly Entry[];
}

/**
 * The stream is read forwards only, so a page from the end means reading what the topic keeps; of that only the page is
 * held, which fits into one message of the bus however large the topic's messages are.
 */
async function readKept(
  { bus, rules, maxBytes }: Dependencies,
  { topic, before, limit }: Request,
): Promise<Outcome<Kept, 'unavailable' | 'timeout'>> {
  const subject = topicMessage.subject(topic);
  const most = rules.largestHistory().messages + READ_LIMIT;
  const sequences: number[] = [];
  let newest: readonly Entry[] = [];
  let after = 0;
  while (sequences.length < most) {
    const read = await bus.read({ stream: 'TOPICS', subject, after, limit: READ_LIMIT });
    if (!read.ok) return read;
    const { events, more } = read.value;
    for (const event of events) sequences.push(event.sequence);
    const older = before === undefined ? events : events.filter((event) => event.sequence < before);
    const entries = older.map((event) => ({ sequence: event.sequence, storedAt: event.storedAt, event }));
    newest = withinBytes([...newest, ...entries].slice(-limit - 1), maxBytes);
    after = events.at(-1)?.sequence ?? after;
    if (!more || events.length === 0) break;
  }
  return ok({ sequences, newest });
}

/** The newest that many bytes; of those before them only that they are there. The newest one stays in any case. */
function withinBytes(entries: readonly Entry[], maxBytes: number): readonly Entry[] {
  let bytes = 0;
  const kept = entries.toReversed().map((entry, index) => {
    bytes += entry.event?.data.length ?? 0;
    return index === 0 || bytes <= maxBytes + HEAD_BYTES ? entry : { ...entry, event: undefined };
  });
  return kept.toReversed();
}

/** Undefined for what no longer fits its schema; it is counted where it is decoded. */
function stored(event: ReceivedEvent): { message: StoredTopicMessage; size: number } | undefined {
  const decoded = topicMessage.decode(event);
  if (decoded?.body === undefined) return undefined;
  const { payload, body } = decoded;
  const message = { ...payload, sequence: event.sequence, payload: payloadText(payload.format, body) };
  return { message, size: sizeInReply(payload.format, body, payload.metadata) };
}
