import { parseSubject } from '@parley/contracts';
import type { Msg } from '@nats-io/transport-node';
import type { EventSubscription, ReceivedEvent } from './bus.js';
import type { Link } from './link.js';
import { headerNames } from './wire.js';

/** Plain subscriptions of published subjects; headers are opened once, and time stamps only when asked for. */
export function subscribeEvents(
  link: Link,
  subject: string,
  handler: (event: ReceivedEvent) => void,
): EventSubscription {
  // One subject means one kind and one id, parsed once.
  const fixed = subject.includes('*') || subject.includes('>') ? undefined : parseSubject(subject);
  const subscription = link.subscribe(subject, (message) => {
    const parsed = fixed ?? parseSubject(message.subject);
    if (parsed === undefined) {
      link.metrics.malformed('event');
      return;
    }
    handler(eventOf(message, fixed === undefined ? message.subject : subject, parsed));
  });
  return {
    subject,
    unsubscribe: () => {
      subscription.unsubscribe();
    },
  };
}

function eventOf(message: Msg, subject: string, { kind, id }: { kind: string; id: string }): ReceivedEvent {
  const event = new BusEvent(subject, kind, id, message.data);
  const { headers } = message;
  if (headers === undefined) return event;
  for (const [name, [value]] of headers) {
    if (value !== undefined) event.take(name, value);
  }
  return event;
}

export class BusEvent implements ReceivedEvent {
  sequence = 0;
  previous = 0;
  receiptsTo: string | undefined = undefined;
  traceparent: string | undefined = undefined;
  private stamp: string | number = 0;

  constructor(
    readonly subject: string,
    readonly kind: string,
    readonly id: string,
    readonly data: Uint8Array,
  ) {}

  get storedAt(): number {
    if (typeof this.stamp === 'string') this.stamp = Date.parse(this.stamp) || 0;
    return this.stamp;
  }

  set storedAt(at: number) {
    this.stamp = at;
  }

  take(name: string, value: string): void {
    switch (name) {
      case headerNames.sequence:
        this.sequence = Number(value);
        break;
      case headerNames.previous:
        this.previous = Number(value);
        break;
      case headerNames.storedAt:
        this.stamp = value;
        break;
      case headerNames.receipts:
        this.receiptsTo = value;
        break;
      case headerNames.trace:
        this.traceparent = value;
        break;
      default:
        break;
    }
  }
}
