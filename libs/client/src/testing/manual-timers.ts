import type { Timers } from '../transport/timers.js';

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

/** Time that passes when a test says so. `random` answers 1 unless told otherwise, so that waits are the longest possible. */
export class ManualTimers implements Timers {
  private readonly alarms = new Set<Alarm>();
  private clock = 1_700_000_000_000;
  chance = 1;

  now(): number {
    return this.clock;
  }

  random(): number {
    return this.chance;
  }

  after(ms: number, run: () => void): () => void {
    const alarm = { at: this.clock + ms, run };
    this.alarms.add(alarm);
    return () => this.alarms.delete(alarm);
  }

  /** How many are set. */
  get set(): number {
    return this.alarms.size;
  }

  /** ms until the next one. */
  get next(): number {
    return Math.min(...[...this.alarms].map(({ at }) => at)) - this.clock;
  }

  /** Whether one is set for exactly then. */
  has(ms: number): boolean {
    return [...this.alarms].some(({ at }) => at === this.clock + ms);
  }

  advance(ms: number): void {
    const end = this.clock + ms;
    for (;;) {
      const [due] = [...this.alarms].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (due === undefined) break;
      this.alarms.delete(due);
      this.clock = due.at;
      due.run();
    }
    this.clock = end;
  }
}
