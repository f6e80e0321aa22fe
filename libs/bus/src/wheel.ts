const TICK_MS = 20;
const SLOTS = 512;

/**
 * Deadlines for many short waits without a timer each: numbers lie in slots of 20 ms, and one interval, which runs only
 * while there are any, looks at the slot whose time has come. What was settled before is simply not found any more.
 */
export class DeadlineWheel {
  private readonly slots: number[][] = Array.from({ length: SLOTS }, () => []);
  private held = 0;
  private tick = 0;
  private interval: NodeJS.Timeout | undefined;

  /**
   * @param deadlineOf when an id is due (`performance.now()`), undefined when it was settled
   * @param expire called once for an id whose deadline has passed, up to 40 ms late
   */
  constructor(
    private readonly deadlineOf: (id: number) => number | undefined,
    private readonly expire: (id: number) => void,
  ) {}

  add(id: number, deadlineAt: number): void {
    if (this.interval === undefined) this.start();
    // Never into the slot of the present tick, which has been looked at.
    const due = Math.max(Math.ceil(deadlineAt / TICK_MS), this.tick + 1);
    this.slots[Math.min(due, this.tick + SLOTS - 1) % SLOTS]?.push(id);
    this.held++;
  }

  stop(): void {
    clearInterval(this.interval);
    this.interval = undefined;
  }

  private start(): void {
    this.tick = Math.floor(performance.now() / TICK_MS);
    this.interval = setInterval(() => {
      this.advance();
    }, TICK_MS);
    this.interval.unref();
  }

  private advance(): void {
    const now = performance.now();
    const target = Math.floor(now / TICK_MS);
    // After a long pause each slot still needs looking at only once.
    if (target - this.tick > SLOTS) this.tick = target - SLOTS;
    while (this.tick < target) {
      this.tick++;
      this.look(this.tick % SLOTS, now);
    }
    if (this.held === 0) this.stop();
  }

  private look(index: number, now: number): void {
    const due = this.slots[index];
    if (due === undefined || due.length === 0) return;
    this.slots[index] = [];
    this.held -= due.length;
    for (const id of due) {
      const deadlineAt = this.deadlineOf(id);
      if (deadlineAt === undefined) continue;
      if (deadlineAt <= now) this.expire(id);
      else this.add(id, deadlineAt);
    }
  }
}
