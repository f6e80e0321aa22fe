import type { Timers } from '../transport/timers.js';

/** With the ones that go out at once, never more than the 30 operations that a server takes in any second. */
const AT_ONCE = 6;
const PER_SECOND = 24;

/** When the next operation may go out, so that the server never has to refuse one for its rate. */
export class Pace {
  private tokens = AT_ONCE;
  private filledAt: number;

  constructor(private readonly timers: Pick<Timers, 'now'>) {
    this.filledAt = timers.now();
  }

  /** 0 when one may go now, which it then counts as; else ms to wait. */
  take(): number {
    const now = this.timers.now();
    const elapsed = Math.max(0, now - this.filledAt);
    this.tokens = Math.min(AT_ONCE, this.tokens + (elapsed * PER_SECOND) / 1_000);
    this.filledAt = now;
    if (this.tokens < 1) return Math.ceil(((1 - this.tokens) * 1_000) / PER_SECOND);
    this.tokens -= 1;
    return 0;
  }
}
