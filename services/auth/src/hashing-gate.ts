import { fail, ok, type Outcome } from '@parley/contracts';

export interface GateOptions {
  /** How many run at once. */
  readonly parallel: number;
  /** How many may wait. */
  readonly queue: number;
  /** Who has waited longer is refused: by the time it was done, nobody would be waiting for the answer. */
  readonly patienceMs: number;
}

interface Waiting {
  readonly since: number;
  admit(admitted: boolean): void;
}

/**
 * Lets a bounded number of heavy jobs run and a bounded number wait. Each password hash takes tens of milliseconds of a
 * core and as many mebibytes: a wave of logins must queue, and a flood be refused, rather than exhaust the pod.
 */
export class HashingGate {
  #running = 0;
  readonly #waiting: Waiting[] = [];

  constructor(
    private readonly options: GateOptions,
    private readonly elapsed: () => number = () => performance.now(),
  ) {}

  get waiting(): number {
    return this.#waiting.length;
  }

  async run<T>(work: () => Promise<T>): Promise<Outcome<T, 'unavailable'>> {
    if (!(await this.#enter())) {
      return fail('unavailable', 'too many logins at once, try again shortly', { retryAfterMs: 1_000 });
    }
    try {
      return ok(await work());
    } finally {
      this.#running--;
      this.#admitNext();
    }
  }

  #enter(): Promise<boolean> | boolean {
    if (this.#running < this.options.parallel) {
      this.#running++;
      return true;
    }
    if (this.#waiting.length >= this.options.queue) return false;
    return new Promise((resolve) => this.#waiting.push({ since: this.elapsed(), admit: resolve }));
  }

  #admitNext(): void {
    while (this.#running < this.options.parallel) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const inTime = this.elapsed() - next.since <= this.options.patienceMs;
      if (inTime) this.#running++;
      next.admit(inTime);
    }
  }
}
