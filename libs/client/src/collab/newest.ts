import type { Timers } from '../transport/timers.js';

/** Of what comes within an interval only the newest counts: the first goes out at once, then at most one per interval. */
export class Newest<T> {
  private waiting: { readonly value: T } | undefined;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly timers: Timers,
    private readonly everyMs: number,
    /** False: not now; the value, or a newer one, is offered again. */
    private readonly send: (value: T) => boolean,
  ) {}

  push(value: T): void {
    this.waiting = { value };
    if (this.cancel === undefined) this.flush();
  }

  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
    this.waiting = undefined;
  }

  private flush(): void {
    this.cancel = undefined;
    if (this.waiting === undefined) return;
    if (this.send(this.waiting.value)) this.waiting = undefined;
    this.cancel = this.timers.after(this.everyMs, () => this.flush());
  }
}
