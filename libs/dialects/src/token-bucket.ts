/** Lets `burst` through at once and `perSecond` in the long run. Time is given, in ms, so that it can be tested. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    now: number,
  ) {
    this.tokens = burst;
    this.filledAt = now;
  }

  /** 0: taken. Otherwise nothing was taken, and it is the time in ms (1 or more) until one can be. */
  take(now: number): number {
    // A clock that was set back must not drain the bucket.
    const passed = Math.max(0, now - this.filledAt);
    this.tokens = Math.min(this.burst, this.tokens + (passed * this.perSecond) / 1_000);
    this.filledAt = now;
    if (this.tokens >= 1) {
      this.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil(((1 - this.tokens) * 1_000) / this.perSecond));
  }
}
