import type { ReceivedEvent } from '@parley/bus';
import type { Dialect } from '@parley/dialects';
import { openSpan, type OpenSpan } from '@parley/telemetry';

/** The delivery of a recorded event by this pod: one span, however many receive it. */
export class TracedDelivery {
  private readonly dialects = new Set<Dialect>();
  private readonly span: OpenSpan;
  private recipients = 0;

  constructor(event: ReceivedEvent, traceparent: string, repaired: boolean) {
    const template = templateOf(event);
    this.span = openSpan(`process ${template}`, {
      kind: 'consumer',
      parent: traceparent,
      links: [traceparent],
      attributes: {
        'messaging.system': 'nats',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.template': template,
        'parley.event.sequence': event.sequence,
        'parley.event.repaired': repaired,
      },
    });
  }

  /** It has something to say to receivers of this dialect. */
  concerns(dialect: Dialect): void {
    this.dialects.add(dialect);
  }

  reached(dialect: Dialect, recipients: number): void {
    if (this.dialects.has(dialect)) this.recipients += recipients;
  }

  end(): void {
    this.span.set({
      'parley.fanout.recipients': this.recipients,
      'parley.fanout.dialects': [...this.dialects].map(({ name }) => name),
    });
    this.span.end();
  }
}

function templateOf({ subject, kind }: ReceivedEvent): string {
  return subject.startsWith('evt.user.') ? `evt.user.{id}.${kind}` : `evt.${kind}.{id}`;
}
