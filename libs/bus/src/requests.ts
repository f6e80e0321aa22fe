import { createInbox, type Msg, type MsgHdrs, type Subscription } from '@nats-io/transport-node';
import type { Link } from './link.js';
import { DeadlineWheel } from './wheel.js';

/**
 * Why no answer comes. `refused`: nobody is subscribed. `disconnected`: the connection broke after sending, or nothing
 * could be sent.
 */
export type Gone = 'timeout' | 'disconnected' | 'refused';

interface Pending {
  readonly deadlineAt: number;
  /** Takes any number of answers, and survives a reconnect. */
  readonly many: boolean;
  readonly settle: (answer: Msg | Gone) => void;
}

export interface OpenInbox {
  readonly subject: string;
  close(): void;
}

/**
 * Answers to everything that this process asks, through one inbox subscription and a map: a number in the inbox
 * subject says which question is meant. Costs a fifth of the client's own request.
 */
export class Requests {
  private readonly prefix = `${createInbox()}.`;
  private readonly pending = new Map<number, Pending>();
  private readonly wheel: DeadlineWheel;
  private readonly subscription: Subscription;
  private last = 0;

  constructor(private readonly link: Link) {
    this.wheel = new DeadlineWheel(
      (id) => this.pending.get(id)?.deadlineAt,
      (id) => {
        this.settle(id, 'timeout');
      },
    );
    this.subscription = link.subscribe(`${this.prefix}*`, (message) => {
      this.receive(message);
    });
    link.onStatus((status) => {
      if (status === 'disconnected') this.abandon();
    });
  }

  get size(): number {
    return this.pending.size;
  }

  /** `settle` is called exactly once, not before `ask` returns unless nothing could be sent. */
  ask(
    subject: string,
    data: Uint8Array,
    headers: MsgHdrs | undefined,
    deadlineAt: number,
    settle: (answer: Msg | Gone) => void,
  ): void {
    const id = ++this.last;
    const reply = this.prefix + String(id);
    if (!this.link.publish(subject, data, headers === undefined ? { reply } : { reply, headers })) {
      settle('disconnected');
      return;
    }
    this.pending.set(id, { deadlineAt, many: false, settle });
    this.wheel.add(id, deadlineAt);
  }

  request(subject: string, data: Uint8Array, deadlineMs: number, headers?: MsgHdrs): Promise<Msg | Gone> {
    return new Promise((resolve) => {
      this.ask(subject, data, headers, performance.now() + deadlineMs, resolve);
    });
  }

  /** An inbox for many answers, until it is closed or its time is over. */
  open(deadlineMs: number, settle: (answer: Msg | Gone) => void): OpenInbox {
    const id = ++this.last;
    const deadlineAt = performance.now() + deadlineMs;
    this.pending.set(id, { deadlineAt, many: true, settle });
    this.wheel.add(id, deadlineAt);
    return {
      subject: this.prefix + String(id),
      close: () => {
        this.pending.delete(id);
      },
    };
  }

  close(): void {
    this.subscription.unsubscribe();
    this.abandon();
    this.pending.clear();
    this.wheel.stop();
  }

  private receive(message: Msg): void {
    const id = Number(message.subject.slice(this.prefix.length));
    const pending = this.pending.get(id);
    if (pending === undefined) return;
    const answer = isRefusal(message) ? 'refused' : message;
    if (pending.many) pending.settle(answer);
    else this.settle(id, answer);
  }

  private settle(id: number, answer: Msg | Gone): void {
    const pending = this.pending.get(id);
    if (pending === undefined) return;
    this.pending.delete(id);
    pending.settle(answer);
  }

  private abandon(): void {
    for (const [id, pending] of this.pending) {
      if (!pending.many) this.settle(id, 'disconnected');
    }
  }
}

/** The server's word that nobody is subscribed. Headers are opened only for an empty message, which no answer is. */
function isRefusal(message: Msg): boolean {
  return message.data.length === 0 && message.headers?.code === 503;
}
