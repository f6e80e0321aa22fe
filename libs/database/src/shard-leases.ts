import { SHARDS } from '@parley/contracts';
import { observe } from '@parley/telemetry';
import type { RawBuilder, Transaction } from 'kysely';
import type { Database } from './database.js';
import { LeaseLost } from './lease-lost.js';
import { LeaseSignal } from './lease-signal.js';
import { LeaseTable, type Lease } from './lease-table.js';
import type { DatabaseLog } from './log.js';
import { shareOf } from './shares.js';
import { settleWithin, Ticker } from './timing.js';

export interface ShardLeasesOptions {
  /** Another one for every run of a process: a restarted process is a new owner. */
  readonly instanceId: string;
  readonly logger: DatabaseLog;
  /** Default 6,000. After this long without renewal a shard may be taken over. */
  readonly ttlMs?: number;
  /** Default 2,000. */
  readonly renewMs?: number;
  /** False for some renewals in a row: gives everything back and takes nothing, as when the bus is gone. */
  readonly able?: () => boolean;
}

/** Calls for one shard never overlap; those for different shards do. */
export interface ShardOwner {
  /** Ours from now on: publish what was left, then serve. A rejection, or no end in 15 s, gives the shard back. */
  acquired(shard: number, epoch: number): Promise<void>;
  /**
   * Stop serving and finish what is under way. On rebalancing and stop the lease is kept until this resolves, for five
   * seconds at most; otherwise it is gone already. Also called after `acquired` has failed.
   */
  lost(shard: number): Promise<void>;
}

interface Held extends Lease {
  /** By the monotonic clock. Counted from before the renewal was sent, so that it ends before Postgres's own. */
  validUntil: number;
  leaving: boolean;
}

/** Allows for clocks that run at slightly different speeds. */
const MARGIN_MS = 250;
const HURRY_MS = 500;
const LOST_DEADLINE_MS = 5_000;
const ACQUIRED_DEADLINE_MS = 15_000;
const REST_AFTER_FAILURE_MS = 3_000;
const UNABLE_TICKS = 3;

/**
 * Shares the shards of a service evenly among its living replicas. Being told of a lease is only a convenience: what
 * makes ownership real is `fence` in each write transaction.
 */
export class ShardLeases<T> {
  private readonly table: LeaseTable<T>;
  private readonly log: DatabaseLog;
  private readonly ttlMs: number;
  private readonly renewMs: number;
  private readonly leases = new Map<number, Held>();
  /** What is going on per shard, so that its calls queue up. */
  private readonly calls = new Map<number, Promise<void>>();
  private readonly ticker = new Ticker(() => this.tick());
  private readonly signal: LeaseSignal<T>;
  private readonly releaseHooks: ((shard: number) => Promise<void>)[] = [];
  private owner: ShardOwner | undefined;
  private lapse: NodeJS.Timeout | undefined;
  /** Shards that could not be taken into service, and until when they are left alone. */
  private readonly resting = new Map<number, number>();
  private unableTicks = 0;
  private gauge: { stop(): void } | undefined;

  constructor(
    database: Database<T>,
    private readonly options: ShardLeasesOptions,
  ) {
    this.ttlMs = options.ttlMs ?? 6_000;
    this.renewMs = options.renewMs ?? 2_000;
    this.table = new LeaseTable(database, options.instanceId, this.ttlMs);
    this.signal = new LeaseSignal(database, () => {
      this.ticker.wake();
    });
    this.log = options.logger;
  }

  /** Resolves when the first shards are served (none, when others hold them all). An unreachable database is waited for. */
  async start(owner: ShardOwner): Promise<void> {
    if (this.owner !== undefined) throw new Error('these leases have been started already');
    this.owner = owner;
    this.gauge = observe(
      'parley.shards.held',
      { unit: '{shard}', description: 'Shards of the service that this replica owns.' },
      () => this.held().length,
    );
    await this.ticker.start();
    await this.tellOthers();
    await Promise.all(this.calls.values());
  }

  /** Called for a shard that is given back, after `lost` and before its release. Must not reject; cut off after five seconds. */
  beforeRelease(hook: (shard: number) => Promise<void>): void {
    this.releaseHooks.push(hook);
  }

  /** True while the lease is known to be ours; `fence` is what a write relies on. */
  holds(shard: number): boolean {
    const lease = this.leases.get(shard);
    return lease !== undefined && performance.now() < lease.validUntil;
  }

  held(): readonly number[] {
    return [...this.leases.keys()].filter((shard) => this.holds(shard));
  }

  /** First thing in every write of a shard: the transaction commits only if the shard is ours then. */
  async fence<U>(trx: Transaction<U>, shard: number): Promise<void> {
    const lease = this.leases.get(shard);
    if (lease === undefined || !(await this.table.lock(trx, lease))) throw new LeaseLost(shard);
  }

  /**
   * The fence of a statement that is a transaction by itself: a query with one row per shard that is ours, which they stay
   * until it ends. The statement must change nothing unless there are as many as were asked for. Shards are distinct.
   */
  fenceQuery(shards: readonly number[]): RawBuilder<{ shard: number }> {
    return this.table.lockAll(
      shards.map((shard) => {
        const lease = this.leases.get(shard);
        if (lease === undefined) throw new LeaseLost(shard);
        return lease;
      }),
    );
  }

  /** Gives everything back at once, after `lost` has been called for each. */
  async stop(): Promise<void> {
    await this.ticker.stop();
    clearTimeout(this.lapse);
    for (const lease of this.leases.values()) this.giveBack(lease);
    await Promise.all(this.calls.values());
    await this.table.leave().catch((error: unknown) => {
      this.log.warn({ err: error }, 'could not leave the sharing of shards; the others will notice by themselves');
    });
    await this.tellOthers();
    await this.signal.stop();
    this.gauge?.stop();
  }

  /** One round: renew, see who else is there, give back or take. Returns the time until the next. */
  private async tick(): Promise<number> {
    try {
      this.signal.listen();
      if (!this.isAble()) return await this.sitOut();
      const asked = [...this.leases.values()];
      const sentAt = performance.now();
      const { kept, others, othersExpireInMs } = await this.table.heartbeat(asked.map(({ shard }) => shard));
      this.renew(asked, kept, sentAt);
      const missing = await this.balance(shareOf(this.table.owner, others, SHARDS));
      // Right after one of the others would have expired, rather than up to a whole round later.
      const next = Math.min(this.renewMs, (othersExpireInMs ?? Infinity) + 20);
      return missing > 0 ? Math.min(next, HURRY_MS) : next;
    } catch (error) {
      this.log.warn({ err: error, held: this.leases.size }, 'shard leases could not be renewed');
      return HURRY_MS;
    }
  }

  private isAble(): boolean {
    this.unableTicks = this.options.able?.() === false ? this.unableTicks + 1 : 0;
    return this.unableTicks < UNABLE_TICKS;
  }

  /** They find out by themselves within a round, or when our membership expires. */
  private async tellOthers(): Promise<void> {
    await this.signal.tell().catch(() => undefined);
  }

  private async sitOut(): Promise<number> {
    for (const lease of this.leases.values()) this.giveBack(lease);
    await this.table.leave();
    return HURRY_MS;
  }

  private renew(asked: readonly Held[], kept: readonly Lease[], sentAt: number): void {
    const epochs = new Map(kept.map(({ shard, epoch }) => [shard, epoch]));
    for (const lease of asked) {
      if (this.leases.get(lease.shard) !== lease) continue;
      if (epochs.get(lease.shard) === lease.epoch) lease.validUntil = this.validity(sentAt);
      else this.lose(lease);
    }
    this.watchLapse();
  }

  /** Returns how many shards are still missing to our share. */
  private async balance(share: number): Promise<number> {
    const mine = [...this.leases.values()].filter(({ leaving }) => !leaving);
    for (const lease of mine.slice(share)) this.giveBack(lease);
    const missing = share - mine.length;
    if (missing <= 0) return 0;
    const sentAt = performance.now();
    for (const [shard, until] of this.resting) if (until < sentAt) this.resting.delete(shard);
    const taken = await this.table.take(missing, [...this.leases.keys(), ...this.resting.keys()]);
    for (const lease of taken) this.acquire({ ...lease, validUntil: this.validity(sentAt), leaving: false });
    this.watchLapse();
    return missing - taken.length;
  }

  private validity(sentAt: number): number {
    return sentAt + this.ttlMs - MARGIN_MS;
  }

  private watchLapse(): void {
    clearTimeout(this.lapse);
    const first = Math.min(...[...this.leases.values()].map(({ validUntil }) => validUntil));
    if (first === Infinity) return;
    const expire = (): void => {
      const now = performance.now();
      for (const lease of this.leases.values()) if (lease.validUntil <= now) this.lose(lease);
      this.watchLapse();
    };
    this.lapse = setTimeout(expire, Math.max(0, first - performance.now())).unref();
  }

  private acquire(lease: Held): void {
    this.leases.set(lease.shard, lease);
    this.queue(lease.shard, async (owner) => {
      try {
        const inTime = await settleWithin(ACQUIRED_DEADLINE_MS, owner.acquired(lease.shard, lease.epoch));
        if (!inTime) throw new Error(`not within ${String(ACQUIRED_DEADLINE_MS)} ms`);
      } catch (error) {
        this.log.error({ err: error, shard: lease.shard }, 'a shard could not be taken into service');
        this.resting.set(lease.shard, performance.now() + REST_AFTER_FAILURE_MS);
        this.giveBack(lease);
      }
    });
  }

  private lose(lease: Held): void {
    if (this.leases.get(lease.shard) !== lease) return;
    this.leases.delete(lease.shard);
    this.log.warn({ shard: lease.shard, epoch: lease.epoch }, 'the lease of a shard was lost');
    // One that is being given back has been told already.
    if (!lease.leaving) this.queue(lease.shard, (owner) => this.tellLost(owner, lease));
  }

  private giveBack(lease: Held): void {
    if (lease.leaving) return;
    lease.leaving = true;
    this.queue(lease.shard, async (owner) => {
      await this.tellLost(owner, lease);
      if (this.leases.get(lease.shard) !== lease) return;
      await settleWithin(LOST_DEADLINE_MS, Promise.all(this.releaseHooks.map((hook) => hook(lease.shard))));
      this.leases.delete(lease.shard);
      await this.table.release(lease).catch((error: unknown) => {
        this.log.warn({ err: error, shard: lease.shard }, 'a shard could not be given back; its lease will expire');
      });
      await this.tellOthers();
    });
  }

  private async tellLost(owner: ShardOwner, { shard }: Lease): Promise<void> {
    try {
      if (!(await settleWithin(LOST_DEADLINE_MS, owner.lost(shard)))) {
        this.log.error({ shard }, 'a shard was not out of service in time');
      }
    } catch (error) {
      this.log.error({ err: error, shard }, 'a shard could not be taken out of service');
    }
  }

  private queue(shard: number, call: (owner: ShardOwner) => Promise<void>): void {
    const owner = this.owner;
    if (owner === undefined) return;
    const before = this.calls.get(shard) ?? Promise.resolve();
    const mine = before.then(() => call(owner));
    this.calls.set(shard, mine);
    void mine.finally(() => {
      if (this.calls.get(shard) === mine) this.calls.delete(shard);
    });
  }
}
