type Job = () => Promise<void>;

/**
 * Runs jobs with a bound on how many run and how many wait. Jobs of one lane run one at a time in the order in which
 * they came; different lanes do not wait for each other.
 */
export class Lanes {
  /** A lane that has a running or ready job, and the jobs behind it. */
  private readonly busy = new Map<string, Job[]>();
  private readonly ready: { readonly lane: string | undefined; readonly job: Job }[] = [];
  private readonly idle: (() => void)[] = [];
  private running = 0;
  private waiting = 0;

  constructor(
    private readonly maxRunning: number,
    private readonly maxWaiting: number,
  ) {}

  /** Without a lane: as soon as there is room. False when too many wait. The job must not reject. */
  add(lane: string | undefined, job: Job): boolean {
    const behind = lane === undefined ? undefined : this.busy.get(lane);
    if (behind === undefined && this.running < this.maxRunning) {
      if (lane !== undefined) this.busy.set(lane, []);
      void this.run(lane, job);
      return true;
    }
    if (this.waiting >= this.maxWaiting) return false;
    this.waiting++;
    if (behind !== undefined) {
      behind.push(job);
      return true;
    }
    if (lane !== undefined) this.busy.set(lane, []);
    this.ready.push({ lane, job });
    return true;
  }

  /** Resolves when nothing runs or waits. */
  async settled(): Promise<void> {
    if (this.running + this.waiting === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private async run(lane: string | undefined, job: Job): Promise<void> {
    this.running++;
    await job();
    this.running--;
    if (lane !== undefined) this.release(lane);
    while (this.running < this.maxRunning) {
      const next = this.ready.shift();
      if (next === undefined) break;
      this.waiting--;
      void this.run(next.lane, next.job);
    }
    if (this.running + this.waiting === 0) for (const resolve of this.idle.splice(0)) resolve();
  }

  /** The lane's next job queues behind the other lanes, so that one busy lane does not keep them out. */
  private release(lane: string): void {
    const job = this.busy.get(lane)?.shift();
    if (job === undefined) this.busy.delete(lane);
    else this.ready.push({ lane, job });
  }
}
