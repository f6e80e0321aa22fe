/** How many bytes a connection may send: so many per second, and a burst of them at once. */
export class ByteBudget {
  private left: number;
  private filledAt: number;

  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
    now: number,
  ) {
    this.left = burst;
    this.filledAt = now;
  }

  /** They have come anyhow; the answer is how long (ms) to read no more, 0 when the budget is not spent. */
  take(bytes: number, now: number): number {
    const earned = ((now - this.filledAt) / 1_000) * this.perSecond;
    this.left = Math.min(this.burst, this.left + Math.max(0, earned)) - bytes;
    this.filledAt = now;
    return this.left >= 0 ? 0 : Math.ceil((-this.left / this.perSecond) * 1_000);
  }
}
