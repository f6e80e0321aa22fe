import { createInbox, nanos, type Msg, type Subscription } from '@nats-io/transport-node';
import type { StreamName } from '@parley/contracts';
import type { Stoppable } from './bus.js';
import type { Link } from './link.js';
import { encodeJson } from './wire.js';

export interface Pulled {
  readonly messages: readonly Msg[];
  /** There was nothing after these. False: there may be more, or the server took too long to say. */
  readonly drained: boolean;
}

interface Asked {
  readonly messages: Msg[];
  readonly batch: number;
  finish(error?: Error): void;
}

/** The server ends a request at once when it has given something and has no more, and after this time in any case. */
const EXPIRES_MS = 1_000;

/**
 * Fetches from a pull consumer. It needs an inbox of its own: what JetStream delivers bears the stored subject, not the
 * inbox's.
 */
export class Pull {
  private readonly inbox = createInbox();
  private readonly subscription: Subscription;
  private readonly watch: Stoppable;
  private readonly subject: string;
  private asked: Asked | undefined;

  constructor(
    private readonly link: Link,
    stream: StreamName,
    consumer: string,
  ) {
    this.subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`;
    this.subscription = link.subscribe(this.inbox, (message) => {
      this.take(message);
    });
    this.watch = link.onStatus(() => this.asked?.finish(new Error('disconnected')));
  }

  /** Up to `batch` messages that are there now. Throws when the connection breaks or the deadline passes. */
  next(batch: number, deadlineMs: number): Promise<Pulled> {
    return new Promise((resolve, reject) => {
      const messages: Msg[] = [];
      const startedAt = performance.now();
      const finish = (error?: Error): void => {
        clearTimeout(timer);
        this.asked = undefined;
        const inTime = performance.now() - startedAt < EXPIRES_MS;
        if (error !== undefined) reject(error);
        else resolve({ messages, drained: inTime && messages.length > 0 && messages.length < batch });
      };
      const timer = setTimeout(finish, Math.max(0, deadlineMs), new Error('no answer in time'));
      this.asked = { messages, batch, finish };
      const request = { batch, no_wait: true, expires: nanos(EXPIRES_MS) };
      const sent = this.link.publish(this.subject, encodeJson(request), { reply: this.inbox });
      if (!sent) finish(new Error('disconnected'));
    });
  }

  close(): void {
    this.subscription.unsubscribe();
    void this.watch.stop();
  }

  private take(message: Msg): void {
    const { asked } = this;
    if (asked === undefined) return;
    // A status line of the server instead of a message: that was all.
    if (message.data.length === 0 && (message.headers?.code ?? 0) !== 0) {
      asked.finish();
      return;
    }
    asked.messages.push(message);
    if (asked.messages.length === asked.batch) asked.finish();
  }
}
