import { joinEnvelope, type EventDefinition } from '@parley/contracts';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import type { Static, TSchema } from '@sinclair/typebox';
import type { EncodedPublishOptions, PublishOptions, PublishOutcome } from './bus.js';
import type { Link } from './link.js';
import { PublishQueue } from './publish-queue.js';
import type { Requests } from './requests.js';
import { endSpan, incoming, outgoingIfSampled, SpanKind, startSpan, type Described } from './trace.js';
import { headerNames } from './wire.js';

/** Publishes events: durable ones into their stream, live ones straight to whoever listens now. */
export class Publisher {
  /** One queue per stream: they recover separately after a restart of NATS. */
  private readonly queues = new Map<string, PublishQueue>();

  constructor(
    private readonly link: Link,
    private readonly requests: Requests,
    private readonly limits: { readonly deadlineMs: number; readonly maxWaiting: number },
  ) {
    link.metrics.watchPublications(() => [...this.queues].map(([stream, { size }]) => [stream, size] as const));
  }

  publish<P extends TSchema>(
    definition: EventDefinition<P>,
    id: string,
    payload: Static<P>,
    { body, ...options }: PublishOptions,
  ): Promise<PublishOutcome> {
    return this.publishEncoded(definition.ingress(id), joinEnvelope(payload, body), options);
  }

  async publishEncoded(subject: string, data: Uint8Array, options: EncodedPublishOptions): Promise<PublishOutcome> {
    const stream = streamOf(subject);
    const startedAt = performance.now();
    // An outbox publishes later, when something else may be under way: the trace is that of the write.
    const written = incoming(options.traceparent);
    const span = startSpan(SpanKind.PRODUCER, () => describe(templateOf(subject), options.messageId), written);
    const traceparent = span === undefined ? undefined : outgoingIfSampled(span);
    const deadlineAt = startedAt + (options.deadlineMs ?? this.limits.deadlineMs);
    const outcome = await this.queueOf(stream).add(subject, data, headersOf(options, traceparent), deadlineAt);
    const said = outcome.ok ? 'ok' : outcome.error.code;
    this.link.metrics.published(stream, said, (performance.now() - startedAt) / 1_000);
    endSpan(span, outcome.ok ? undefined : said);
    return outcome;
  }

  /** Nobody is told when it is lost: the next one is better anyway. */
  emit<P extends TSchema>(definition: EventDefinition<P>, id: string, payload: Static<P>, body?: Uint8Array): void {
    const subject = definition.ingress(id);
    const span = startSpan(SpanKind.PRODUCER, () => describe(`${subject.slice(0, -id.length)}{id}`));
    const traceparent = span === undefined ? undefined : outgoingIfSampled(span);
    this.link.publish(
      subject,
      joinEnvelope(payload, body),
      traceparent === undefined ? undefined : traced(traceparent),
    );
    endSpan(span);
  }

  /** Resolves when every publication has its answer. */
  async settled(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.settled()));
  }

  private queueOf(stream: string): PublishQueue {
    const found = this.queues.get(stream);
    if (found !== undefined) return found;
    const made = new PublishQueue(this.link, this.requests, this.limits.maxWaiting);
    this.queues.set(stream, made);
    return made;
  }
}

function headersOf(options: EncodedPublishOptions, traceparent: string | undefined): MsgHdrs {
  const made = headers();
  made.set(headerNames.messageId, options.messageId);
  if (options.receiptsTo !== undefined) made.set(headerNames.receipts, options.receiptsTo);
  if (traceparent !== undefined) made.set(headerNames.trace, traceparent);
  return made;
}

function traced(traceparent: string): { readonly headers: MsgHdrs } {
  const made = headers();
  made.set(headerNames.trace, traceparent);
  return { headers: made };
}

/** `in.events.message.<id>` → `events`. */
function streamOf(subject: string): string {
  return subject.slice(3, subject.indexOf('.', 3));
}

/** Without the id, of which there are too many for a span's name. */
function templateOf(subject: string): string {
  const [, stream, kind] = subject.split('.', 3);
  return stream === 'topics' ? 'in.topics.{topic}' : `in.${stream ?? ''}.${kind ?? ''}.{id}`;
}

function describe(template: string, messageId?: string): Described {
  return {
    name: `publish ${template}`,
    attributes: {
      'messaging.system': 'nats',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.template': template,
      ...(messageId === undefined ? {} : { 'messaging.message.id': messageId }),
    },
  };
}
