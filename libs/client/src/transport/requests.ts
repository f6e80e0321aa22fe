import type { Sent } from './connection.js';
import { ParleyError } from './parley-error.js';
import type { Timers } from './timers.js';
import { wait, type Settle, type WaitOptions } from './wait.js';

interface Pending<A> {
  readonly frame: string;
  readonly settle: Settle<A>;
  /** ms since 1970 */
  readonly endsAt: number;
}

const MAX_WAIT_MS = 110_000;
const DEFAULT_PAUSE_MS = 1_000;

/**
 * Questions that carry an id and wait for the answer that names it. They outlive the socket: after a reconnect what has no
 * answer yet is sent again with the same id, in the same order, and the server does it once. That holds for as long
 * as servers remember ids (two minutes), so no question waits longer.
 */
export class Requests<A> {
  private readonly pending = new Map<string, Pending<A>>();

  constructor(
    private readonly timers: Timers,
    private readonly timeoutMs: number,
    private readonly send: (frame: string) => Sent,
    private readonly limit = 1_000,
  ) {}

  /** Sent now if there is a connection, else when there is one. */
  ask(id: string, frame: string, options: WaitOptions = {}): Promise<A> {
    if (this.pending.size >= this.limit) {
      return Promise.reject(new ParleyError('queue_full', `${this.limit} messages wait for their answers`));
    }
    const timeoutMs = Math.min(options.timeoutMs ?? this.timeoutMs, MAX_WAIT_MS);
    return wait<A>(this.timers, 'the answer', { ...options, timeoutMs }, (settle) => {
      if (this.send(frame) === 'clogged') {
        settle.reject(new ParleyError('queue_full', 'messages are made faster than the network takes them'));
        return undefined;
      }
      this.pending.set(id, { frame, settle, endsAt: this.timers.now() + timeoutMs });
      return () => this.pending.delete(id);
    });
  }

  /** False: nobody asked, or not any more. */
  answer(id: string, answer: A): boolean {
    const found = this.pending.get(id);
    found?.settle.resolve(answer);
    return found !== undefined;
  }

  refuse(id: string, error: ParleyError): boolean {
    const found = this.pending.get(id);
    found?.settle.reject(error);
    return found !== undefined;
  }

  /** Not done because of a limit: said again when the server will listen, or refused if that is too late. */
  postpone(id: string, error: ParleyError): boolean {
    const found = this.pending.get(id);
    if (found === undefined) return false;
    const afterMs = error.details.retryAfterMs ?? DEFAULT_PAUSE_MS;
    if (this.timers.now() + afterMs >= found.endsAt) found.settle.reject(error);
    else this.timers.after(afterMs, () => this.sayAgain(id, found));
    return true;
  }

  private sayAgain(id: string, found: Pending<A>): void {
    if (this.pending.get(id) === found) this.send(found.frame);
  }

  /** Everything that has no answer yet, in the order in which it was asked. */
  unanswered(): readonly string[] {
    return [...this.pending.values()].map(({ frame }) => frame);
  }

  failAll(error: ParleyError): void {
    for (const { settle } of [...this.pending.values()]) settle.reject(error);
  }
}
