import type { ReceivedEvent } from '@parley/bus';
import { joinEnvelope, newConnectionId, newMessageId, ok, topicMessage, type ConnectionId } from '@parley/contracts';
import {
  binaryFrame,
  encoder,
  encoders,
  MUST,
  textFrame,
  type Delivery,
  type Dialect,
  type Encoded,
  type EndReason,
  type JoinRequest,
  silence,
} from '@parley/dialects';
import { EventEmitter } from 'node:events';
import type { Receiver } from './channel.js';
import { Subscriptions } from './subscriptions.js';

/** A dialect that writes a topic message as its id, for tests of what lies between bus and socket. */
export const plainDialect: Dialect = {
  name: 'topics',
  version: 'test',
  wire: silence,
  endpoints: [],
  keepAlive: { silentAfterMs: 60_000, probeAfterMs: 30_000 },
  encoders: encoders(
    encoder(topicMessage, ({ payload }) => ({ frames: [textFrame(payload.messageId)], delivery: MUST })),
  ),
  observes: new Set(),
  open: () => {
    throw new Error('not in these tests');
  },
};

/** One part of what a test's event becomes. */
export interface Part {
  readonly text: string;
  readonly binary?: string;
  readonly except?: ConnectionId;
  readonly instead?: string;
  readonly delivery?: Delivery;
}

/** A dialect for events that were made together with what they become; `encodings` counts how often one was asked. */
export function scripted(): Dialect & { readonly encodings: () => number } {
  let encodings = 0;
  const encode = encoder(topicMessage, ({ payload }) => {
    encodings += 1;
    return (scripts.get(payload.messageId) ?? []).map(encodedPart);
  });
  return { ...plainDialect, encoders: encoders(encode), encodings: () => encodings };
}

/** By message. */
const scripts = new Map<string, readonly Part[]>();

function encodedPart({ text, binary, except, instead, delivery = MUST }: Part): Encoded {
  return {
    frames: [textFrame(text)],
    delivery,
    ...(binary === undefined ? {} : { alternative: [binaryFrame(Buffer.from(binary))] }),
    ...(except === undefined ? {} : { except }),
    ...(instead === undefined ? {} : { instead: [textFrame(instead)] }),
  };
}

/** An event on a topic that a scripted dialect makes these parts of. */
export function partsEvent(topic: string, sequence: number, parts: readonly Part[]): ReceivedEvent {
  const messageId = newMessageId();
  scripts.set(messageId, parts);
  const message = { messageId, topic, from: null, sentAt: 0, format: 'json' };
  return {
    subject: `evt.topic.${topic}`,
    kind: 'topic',
    id: topic,
    sequence,
    previous: sequence - 1,
    storedAt: Date.now(),
    data: joinEnvelope(message, Buffer.from('1')),
    receiptsTo: undefined,
    traceparent: undefined,
  };
}

/** Subscriptions over a bus that a test plays itself; `stored` is what its stream holds. */
export function subscriptionsRig() {
  const handlers = new Map<string, (event: ReceivedEvent) => void>();
  const receipts: { count: number; connectionIds: readonly string[] }[] = [];
  const stored: ReceivedEvent[] = [];
  const subscriptions = new Subscriptions({
    bus: {
      subscribe: (subject, handler) => {
        handlers.set(subject, handler);
        return { subject, unsubscribe: () => handlers.delete(subject) };
      },
      position: () => Promise.resolve(ok(stored.at(-1)?.sequence ?? 0)),
      epoch: () => 'first',
      read: ({ after, limit }) => {
        const events = stored.filter(({ sequence }) => sequence > after).slice(0, limit);
        return Promise.resolve(ok({ events, more: false, firstSequence: 1 }));
      },
    },
    keptPerSubject: { EVENTS: 1_000, TOPICS: 1_000 },
    receipt: (_event, receipt) => receipts.push(receipt),
    measured: () => undefined,
    repaired: () => undefined,
    lost: () => undefined,
  });
  const hold = async (receiver: RecordingReceiver, ...requests: readonly JoinRequest[]) => {
    const joined = await subscriptions.join(receiver, requests);
    if (!joined.ok) throw new Error(joined.error.message);
    return joined.value;
  };
  const join = async (receiver: RecordingReceiver, ...subjects: readonly string[]) => {
    (await hold(receiver, ...subjects.map((subject) => ({ subject })))).release();
  };
  return { subscriptions, handlers, receipts, stored, hold, join };
}

/** A receiver that keeps what it is written, frame by frame. */
export class RecordingReceiver extends EventEmitter implements Receiver {
  readonly id: ConnectionId = newConnectionId();
  readonly texts: string[] = [];
  readonly wires: Buffer[] = [];
  readonly observed: ReceivedEvent[] = [];
  /** How many of them were written by class, one part at a time. */
  single = 0;
  readonly endings: EndReason[] = [];
  stamp = 0;
  form = 0;
  /** Reads as fast as it is written to. */
  fast = true;
  writes = 0;
  readonly outbox: Receiver['outbox'];

  constructor(readonly dialect: Dialect = plainDialect) {
    super();
    this.outbox = {
      writeMust: (wire) => this.take(wire),
      takes: () => this.fast,
      write: (wire) => {
        this.single += 1;
        return this.take(wire) ? 'written' : 'slow';
      },
      cork: () => undefined,
    };
  }

  observe(event: ReceivedEvent, _flush?: () => void): void {
    this.observed.push(event);
  }

  end(reason: EndReason): void {
    this.endings.push(reason);
  }

  private take(wire: Buffer): boolean {
    this.writes += 1;
    this.wires.push(wire);
    // Texts of these tests are shorter than 126 bytes: two bytes of header each.
    for (let at = 0; at < wire.length;) {
      const length = wire[at + 1] ?? 0;
      this.texts.push(wire.toString('utf8', at + 2, at + 2 + length));
      at += 2 + length;
    }
    this.emit('text');
    return true;
  }
}
