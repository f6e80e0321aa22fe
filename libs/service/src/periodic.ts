/**
 * Runs a task again and again, one run at a time, until stopped. A run that fails is tried again; of failures in a row
 * only the first is told of.
 */
export class Periodic {
  readonly #everyMs: number;
  readonly #task: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #failing = false;
  #stopped = false;

  constructor(everyMs: number, task: () => Promise<void>, failed: (error: unknown) => void) {
    this.#everyMs = everyMs;
    this.#task = task;
    this.#failed = failed;
  }

  /** Runs now, or right after the run under way. */
  soon(): void {
    if (this.#stopped) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    // Not begun before it is known to be running: the task may ask for the next run at once.
    this.#running = Promise.resolve().then(() => this.#run());
  }

  /** Resolves when the run under way is over; there is none after it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      await this.#task();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#failed(error);
      this.#failing = true;
    }
    this.#running = undefined;
    if (this.#stopped) return;
    // A failing task is not spun: what was asked for meanwhile waits its turn as well.
    const delay = this.#again ? Math.min(10, this.#everyMs) : this.#everyMs;
    this.#again = false;
    this.#timer = setTimeout(() => {
      this.soon();
    }, delay).unref();
  }
}
