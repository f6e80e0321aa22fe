import type { Timers } from './timers.js';

/** One thing to do after a while; the next one takes its place. */
export class Later {
  private cancel: (() => void) | undefined;

  constructor(private readonly timers: Pick<Timers, 'after'>) {}

  get waiting(): boolean {
    return this.cancel !== undefined;
  }

  after(ms: number, run: () => void): void {
    this.stop();
    this.cancel = this.timers.after(ms, () => {
      this.cancel = undefined;
      run();
    });
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
  }
}
