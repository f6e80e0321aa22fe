import type { Clock } from './clock.js';

/**
 * Which shards have been served long enough without a break that the absence of somebody says something: right after an
 * outage, of ours or of the bus, everybody is on the way back.
 */
export class Steadiness {
  readonly #settleMs: number;
  readonly #clock: Clock;
  readonly #held: () => readonly number[];
  readonly #connected: () => boolean;
  readonly #since = new Map<number, number>();

  constructor(settleMs: number, clock: Clock, held: () => readonly number[], connected: () => boolean) {
    this.#settleMs = settleMs;
    this.#clock = clock;
    this.#held = held;
    this.#connected = connected;
  }

  acquired(shard: number): void {
    this.#since.set(shard, this.#clock());
  }

  released(shard: number): void {
    this.#since.delete(shard);
  }

  /** The bus is back. */
  interrupted(): void {
    const now = this.#clock();
    for (const shard of this.#since.keys()) this.#since.set(shard, now);
  }

  shards(): readonly number[] {
    if (!this.#connected()) return [];
    const now = this.#clock();
    return this.#held().filter((shard) => now - (this.#since.get(shard) ?? now) >= this.#settleMs);
  }
}
