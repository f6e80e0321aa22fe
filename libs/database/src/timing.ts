/** False when the time was over first. Rejects as the promise does. */
export async function settleWithin(deadlineMs: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, deadlineMs, false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs `round` again and again, one at a time; each says after how many milliseconds the next is due. `round` must not
 * reject. Its timer does not keep the process alive.
 */
export class Ticker {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;
  private wanted = false;

  constructor(private readonly round: () => Promise<number>) {}

  /** Resolves when the first round is over. */
  start(): Promise<void> {
    return this.run();
  }

  /** A round as soon as possible: now, or right after the one under way. */
  wake(): void {
    if (this.running !== undefined) this.wanted = true;
    else if (!this.stopped) void this.run();
  }

  /** Resolves when the round under way is over; there is none after it. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private run(): Promise<void> {
    clearTimeout(this.timer);
    this.wanted = false;
    this.running = this.round().then((delayMs) => {
      this.running = undefined;
      if (this.stopped) return;
      if (this.wanted) void this.run();
      else this.timer = setTimeout(() => void this.run(), delayMs).unref();
    });
    return this.running;
  }
}
