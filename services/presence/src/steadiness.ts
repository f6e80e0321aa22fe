import type { Clock } from './clock.js';

export interface SteadinessSettings {
  readonly settleMs: number;
  readonly leaseTtlMs: number;
  readonly clock: Clock;
  /** The shards that this replica owns now. */
  readonly held: () => readonly number[];
}

/**
 * When may this replica say that someone is gone? Not while the bus is away, nor right after it came back or a shard was
 * taken over: users may have reconnected, and their gateways not have had the chance to report it.
 */
export class Steadiness {
  readonly #settings: SteadinessSettings;
  readonly #ownedSince = new Map<number, number>();
  #connectedSince: number | undefined;

  constructor(settings: SteadinessSettings) {
    this.#settings = settings;
  }

  busConnected(): void {
    this.#connectedSince ??= this.#settings.clock();
  }

  busDisconnected(): void {
    this.#connectedSince = undefined;
  }

  busIsConnected(): boolean {
    return this.#connectedSince !== undefined;
  }

  acquired(shard: number): void {
    this.#ownedSince.set(shard, this.#settings.clock());
  }

  /** Shards whose users may be called gone. */
  settledShards(): readonly number[] {
    const { settleMs, clock, held } = this.#settings;
    if (!this.#connectedFor(settleMs)) return [];
    const since = clock() - settleMs;
    return held().filter((shard) => (this.#ownedSince.get(shard) ?? Infinity) <= since);
  }

  /** May a gateway be called lost whose lease this replica does not see? Every living one has renewed within the TTL. */
  mayJudgeGateways(): boolean {
    return this.#connectedFor(this.#settings.leaseTtlMs);
  }

  #connectedFor(ms: number): boolean {
    return this.#connectedSince !== undefined && this.#settings.clock() - this.#connectedSince >= ms;
  }
}
