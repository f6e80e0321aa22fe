/**
 * Joins callers into one run, which begins after they asked: one under way may have read too early for them, so they
 * wait for the next. However many ask, at most one runs and one waits.
 */
export class ShareNext<T> {
  readonly #work: () => Promise<T>;
  #running: Promise<unknown> | undefined;
  #next: Promise<T> | undefined;

  constructor(work: () => Promise<T>) {
    this.#work = work;
  }

  run(): Promise<T> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#begin();
    const begin = (): Promise<T> => {
      this.#next = undefined;
      return this.#begin();
    };
    return (this.#next = this.#running.then(begin, begin));
  }

  #begin(): Promise<T> {
    const result = this.#work();
    const over = (): void => {
      if (this.#running === result) this.#running = undefined;
    };
    this.#running = result;
    result.then(over, over);
    return result;
  }
}
