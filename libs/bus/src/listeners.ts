import type { Stoppable } from './bus.js';

/** Functions to tell something to; each may leave at any time. */
export class Listeners<T> {
  private readonly all = new Set<(value: T) => void>();

  add(listener: (value: T) => void): Stoppable {
    this.all.add(listener);
    return {
      stop: () => {
        this.all.delete(listener);
        return Promise.resolve();
      },
    };
  }

  tell(value: T): void {
    for (const listener of this.all) listener(value);
  }
}
