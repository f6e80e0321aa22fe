import type { Timers } from './timers.js';

export interface BackoffOptions {
  /** No wait is shorter; default 100 ms. */
  readonly minMs?: number;
  /** What the first wait is drawn from; it doubles with every failure. Default 1 s. */
  readonly baseMs?: number;
  /** No wait is longer; default 30 s. */
  readonly maxMs?: number;
}

/**
 * Full jitter: anywhere between the least and an exponentially growing most, so that ten thousand clients of a server that
 * was restarted come back spread out instead of in waves.
 */
export class Backoff {
  private failures = 0;
  private readonly min: number;
  private readonly base: number;
  private readonly max: number;

  constructor(
    { minMs = 100, baseMs = 1_000, maxMs = 30_000 }: BackoffOptions,
    private readonly timers: Pick<Timers, 'random'>,
  ) {
    this.min = minMs;
    this.base = Math.max(baseMs, minMs);
    this.max = Math.max(maxMs, this.base);
  }

  /** How often in a row it went wrong. */
  get attempts(): number {
    return this.failures;
  }

  /** ms to wait after one more failure; `leastMs` where the server has asked for more patience. */
  next(leastMs = 0): number {
    // 2^20 is beyond every cap; more would run into Infinity some day.
    const ceiling = Math.min(this.max, this.base * 2 ** Math.min(this.failures, 20));
    this.failures += 1;
    const drawn = this.min + this.timers.random() * (ceiling - this.min);
    return Math.round(Math.max(drawn, Math.min(leastMs, this.max)));
  }

  reset(): void {
    this.failures = 0;
  }
}
