import type { Static, TSchema } from '@sinclair/typebox';
import { compile } from './check.js';
import { splitEnvelope } from './envelope.js';
import type { UserId } from './ids.js';

/** `TOPICS` and `EVENTS` are JetStream streams, republished as they are stored; `live` events are never stored. */
export type StreamName = 'EVENTS' | 'TOPICS';
export type EventChannel = StreamName | 'live';

/**
 * `entity`: the subject is `evt.<kind>.<id>`. `user`: it is `evt.user.<userId>.<kind>`, so that one subscription per user
 * and pod hears everything that is meant for that user alone.
 */
export type EventScope = 'entity' | 'user';

/** An event as it came off the bus, not opened yet. */
export interface RawEvent {
  /** `evt.<kind>.<id>`, or `evt.user.<userId>.<kind>` for kinds of scope `user`. */
  readonly subject: string;
  readonly kind: string;
  /** The part after the kind: one id, or a topic with its dots. */
  readonly id: string;
  /** Sequence in its stream; 0 for live events. */
  readonly sequence: number;
  /** Sequence of the event before it on the same subject; 0 when there is none any more. */
  readonly previous: number;
  /** When the stream stored it (ms since 1970); 0 where the bus does not tell. */
  readonly storedAt: number;
  readonly data: Uint8Array;
}

/**
 * One kind of event. `decode` opens the JSON head once however many dialects ask, since fan-out asks for the same raw
 * event in a row; an event that does not fit its schema decodes to undefined and is counted, never thrown.
 */
export interface EventDefinition<P extends TSchema = TSchema> {
  readonly kind: string;
  readonly channel: EventChannel;
  readonly scope: EventScope;
  readonly payload: P;
  decode(raw: RawEvent): DecodedEvent<Static<P>> | undefined;
  /** What gateways subscribe to. `id` may hold NATS wildcards where ids are topics. */
  subject(id: string): string;
  /** Where a durable event is published; the stream republishes it to `subject(id)`. */
  ingress(id: string): string;
}

export interface DecodedEvent<P> {
  readonly raw: RawEvent;
  readonly payload: P;
  /** Bytes that travel beside the JSON head untouched: a topic's payload, a binary frame. */
  readonly body: Uint8Array | undefined;
}

export function defineEvent<P extends TSchema>(
  kind: string,
  options: { readonly channel: EventChannel; readonly scope?: EventScope; readonly payload: P },
): EventDefinition<P> {
  const scope = options.scope ?? 'entity';
  const path = (id: string): string => (scope === 'user' ? `user.${id}.${kind}` : `${kind}.${id}`);
  const check = compile(options.payload);
  let lastRaw: RawEvent | undefined;
  let lastDecoded: DecodedEvent<Static<P>> | undefined;

  const open = (raw: RawEvent): DecodedEvent<Static<P>> | undefined => {
    const envelope = splitEnvelope(raw.data);
    if (envelope === undefined || !check.is(envelope.head)) return undefined;
    return { raw, payload: envelope.head, body: envelope.body };
  };

  return {
    kind,
    channel: options.channel,
    scope,
    payload: options.payload,
    decode(raw) {
      if (raw !== lastRaw) {
        lastRaw = raw;
        lastDecoded = open(raw);
      }
      return lastDecoded;
    },
    subject: (id) => `evt.${path(id)}`,
    ingress: (id) => ingressSubject(options.channel, path(id)),
  };
}

/** Everything that is meant for one user alone. */
export function userChannel(userId: UserId): string {
  return `evt.user.${userId}.*`;
}

/** Kind and id of a published subject; undefined when it is none. */
export function parseSubject(subject: string): { readonly kind: string; readonly id: string } | undefined {
  const kindEnd = subject.indexOf('.', 4);
  if (!subject.startsWith('evt.') || kindEnd < 0) return undefined;
  const kind = subject.slice(4, kindEnd);
  const id = subject.slice(kindEnd + 1);
  if (kind !== 'user') return { kind, id };
  const userEnd = id.indexOf('.');
  return userEnd < 0 ? undefined : { kind: id.slice(userEnd + 1), id: id.slice(0, userEnd) };
}

/** What each stream stores and how it is republished, in one place. */
export const streams: Record<StreamName, { readonly subjects: string; readonly republish: string }> = {
  EVENTS: { subjects: 'in.events.>', republish: 'evt.>' },
  TOPICS: { subjects: 'in.topics.>', republish: 'evt.topic.>' },
};

function ingressSubject(channel: EventChannel, path: string): string {
  switch (channel) {
    case 'EVENTS':
      return `in.events.${path}`;
    case 'TOPICS':
      return `in.topics.${path.slice('topic.'.length)}`;
    case 'live':
      return `evt.${path}`;
  }
}

/** The stream's subject of a republished one: `evt.topic.a.b` is stored as `in.topics.a.b`. */
export function storedSubject(stream: StreamName, subject: string): string {
  const prefix = stream === 'TOPICS' ? 'evt.topic.' : 'evt.';
  const stored = stream === 'TOPICS' ? 'in.topics.' : 'in.events.';
  return stored + subject.slice(prefix.length);
}

/** The republished subject of a stored one: the inverse of `storedSubject`. */
export function publishedSubject(stream: StreamName, stored: string): string {
  const prefix = stream === 'TOPICS' ? 'in.topics.' : 'in.events.';
  return (stream === 'TOPICS' ? 'evt.topic.' : 'evt.') + stored.slice(prefix.length);
}
