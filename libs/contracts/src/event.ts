import type { Static, TSchema } from '@sinclair/typebox';
import { compile } from './check.js';
import { splitEnvelope } from './envelope.js';

/** `TOPICS` and `EVENTS` are JetStream streams, republished as they are stored; `live` events are never stored. */
export type StreamName = 'EVENTS' | 'TOPICS';
export type EventChannel = StreamName | 'live';

/** An event as it came off the bus, not opened yet. */
export interface RawEvent {
  /** `evt.<kind>.<id>` */
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
  readonly payload: P;
  decode(raw: RawEvent): DecodedEvent<Static<P>> | undefined;
  /** `evt.<kind>.<id>`: what gateways subscribe to. `id` may hold NATS wildcards where ids are topics. */
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
  options: { readonly channel: EventChannel; readonly payload: P },
): EventDefinition<P> {
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
    payload: options.payload,
    decode(raw) {
      if (raw !== lastRaw) {
        lastRaw = raw;
        lastDecoded = open(raw);
      }
      return lastDecoded;
    },
    subject: (id) => `evt.${kind}.${id}`,
    ingress: (id) => ingressSubject(kind, options.channel, id),
  };
}

/** What each stream stores and how it is republished, in one place. */
export const streams: Record<StreamName, { readonly subjects: string; readonly republish: string }> = {
  EVENTS: { subjects: 'in.events.>', republish: 'evt.>' },
  TOPICS: { subjects: 'in.topics.>', republish: 'evt.topic.>' },
};

function ingressSubject(kind: string, channel: EventChannel, id: string): string {
  switch (channel) {
    case 'EVENTS':
      return `in.events.${kind}.${id}`;
    case 'TOPICS':
      return `in.topics.${id}`;
    case 'live':
      return `evt.${kind}.${id}`;
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
