import type { Values } from '../harness/rig.js';

/**
 * Clients that each have one operation on its way, and make the next as soon as it is acknowledged, for some time. Their
 * acknowledgments are timed; those after the time are waited for, but not counted.
 */
export class ClosedLoop {
  readonly startedAt = performance.now();
  private readonly samples: number[] = [];
  private readonly endsAt: number;
  private underway = 0;
  private all = 0;
  private settle: { resolve(values: Values): void; reject(error: Error): void } | undefined;

  constructor(
    seconds: number,
    private readonly waitMs = 20_000,
  ) {
    this.endsAt = this.startedAt + seconds * 1_000;
  }

  get open(): boolean {
    return performance.now() < this.endsAt;
  }

  sent(): number {
    this.underway += 1;
    return performance.now();
  }

  acknowledged(sentAt: number): void {
    const now = performance.now();
    this.all += 1;
    if (now <= this.endsAt) this.samples.push(now - sentAt);
    this.ended();
  }

  /** It is not there any more, and was not counted. */
  ended(): void {
    this.underway -= 1;
    if (this.underway === 0 && !this.open) this.settle?.resolve(this.values());
  }

  fail(error: Error): void {
    this.settle?.reject(error);
  }

  /** Operations acknowledged (`all`: those after the time too) and ms until they were. Rejects when clients get stuck. */
  done(): Promise<Values> {
    return new Promise((resolve, reject) => {
      const deadline = this.endsAt - performance.now() + this.waitMs;
      const timer = setTimeout(() => {
        reject(new Error(`${this.underway} operations are not acknowledged, ${this.all} are`));
      }, deadline);
      const settled = (): void => {
        clearTimeout(timer);
      };
      this.settle = {
        resolve: (values) => {
          settled();
          resolve(values);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
    });
  }

  private values(): Values {
    const sorted = Float64Array.from(this.samples).sort();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    const seconds = (this.endsAt - this.startedAt) / 1_000;
    return { all: this.all, perSecond: sorted.length / seconds, p50: at(0.5), p99: at(0.99) };
  }
}
