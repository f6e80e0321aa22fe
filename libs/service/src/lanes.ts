/**
 * One piece of work at a time per key, in the order in which it came; a key without work is forgotten. How many may wait
 * is bounded by who calls: the bus hands over one request per lane of its own, a sweeper one pass.
 */
export class Lanes<K> {
  readonly #tails = new Map<K, Promise<unknown>>();

  run<T>(key: K, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const result = before.then(work);
    const tail = result.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    return result;
  }
}
