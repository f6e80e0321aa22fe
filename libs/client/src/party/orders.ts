import { ParleyError } from '../transport/parley-error.js';
import type { Timers } from '../transport/timers.js';
import { wait, type Settle, type WaitOptions } from '../transport/wait.js';

interface Pending {
  readonly sentAt: number;
  /** Undefined: only to know how long it takes. */
  readonly settle: Settle<undefined> | undefined;
}

/** So many unanswered pings mean a server that answers none; the oldest make way. */
const LIMIT = 100;

/**
 * Messages of this dialect have no ids. But a server works through a connection's messages one after the other, and answers
 * every `ping` with its own timestamp: whatever error comes before the pong of the ping that followed an order is about
 * that order.
 */
export class Orders {
  /** By the timestamp of the ping, in the order in which they were sent. */
  private readonly pending = new Map<number, Pending>();
  private latest = 0;

  constructor(
    private readonly timers: Timers,
    private readonly timeoutMs: number,
  ) {}

  /** The timestamp for a ping; no two are the same. */
  ping(settle?: Settle<undefined>): number {
    const sentAt = this.timers.now();
    this.latest = Math.max(sentAt, this.latest + 1);
    const oldest = [...this.pending].find(([, one]) => one.settle === undefined);
    if (this.pending.size >= LIMIT && oldest !== undefined) this.pending.delete(oldest[0]);
    this.pending.set(this.latest, { sentAt, settle });
    return this.latest;
  }

  /** `send` gets the timestamp of the ping that has to follow. */
  async ask(send: (timestamp: number) => void, options: WaitOptions): Promise<void> {
    await wait<undefined>(this.timers, 'the answer', { timeoutMs: this.timeoutMs, ...options }, (settle) => {
      if (this.pending.size >= LIMIT) {
        settle.reject(new ParleyError('queue_full', `${LIMIT} messages wait for their answers`));
        return undefined;
      }
      send(this.ping(settle));
      return undefined;
    });
  }

  /** How long it took, ms; undefined for an answer to nothing. */
  pong(timestamp: number): number | undefined {
    const found = this.pending.get(timestamp);
    if (found === undefined) return undefined;
    this.pending.delete(timestamp);
    found.settle?.resolve(undefined);
    return this.timers.now() - found.sentAt;
  }

  /** The oldest order that has no pong yet was refused. False: there is none. */
  refuse(error: ParleyError): boolean {
    for (const { settle } of this.pending.values()) {
      if (settle === undefined) continue;
      settle.reject(error);
      return true;
    }
    return false;
  }

  /** No more answers will come. */
  end(error: ParleyError | undefined): void {
    const unanswered = [...this.pending.values()];
    this.pending.clear();
    for (const { settle } of unanswered) {
      if (error === undefined) settle?.resolve(undefined);
      else settle?.reject(error);
    }
  }
}
