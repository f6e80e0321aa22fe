const TICK_MS = 1;

/** Calls `act` so many times a second, what is due together each millisecond; what could not be done in time is caught up. */
export class Pace {
  private done = 0;

  constructor(
    private readonly perSecond: number,
    private readonly act: () => void,
  ) {}

  run(ms: number): Promise<void> {
    const startedAt = performance.now();
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const passed = Math.min(performance.now() - startedAt, ms);
        for (const due = Math.floor((passed * this.perSecond) / 1_000); this.done < due; this.done++) this.act();
        if (passed < ms) return;
        clearInterval(timer);
        resolve();
      }, TICK_MS);
    });
  }
}
