/**
 * One piece of work at a time per shard, in the order in which it came. Few callers can wait here: the bus hands over one
 * request per verb and shard, the sweeper one pass.
 */
export class ShardLanes {
  readonly #tails = new Map<number, Promise<unknown>>();

  run<T>(shard: number, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(shard) ?? Promise.resolve();
    const result = before.then(work);
    const tail = result.catch(() => undefined);
    this.#tails.set(shard, tail);
    return result;
  }
}
