import { joinEnvelope, type EventDefinition, type Outcome } from '@parley/contracts';
import { inTrace, observe, sampledTraceparent } from '@parley/telemetry';
import type { Static, TSchema } from '@sinclair/typebox';
import type { Transaction } from 'kysely';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from './database.js';
import { LeaseLost } from './lease-lost.js';
import { Lane, type LaneResult } from './lane.js';
import type { DatabaseLog } from './log.js';
import {
  countWaiting,
  deleteEvents,
  findWaiting,
  insertEvents,
  lockUnsharded,
  readShard,
  type OutboxEvent,
  type OutboxRow,
} from './outbox-table.js';
import type { ShardLeases } from './shard-leases.js';
import { settleWithin, Ticker } from './timing.js';

/** Publishes an encoded event durably: `Bus.publishEncoded`. Its order of calls must be the order of storing. */
export type PublishEncoded = (
  subject: string,
  data: Uint8Array,
  options: { readonly messageId: string; readonly traceparent?: string },
) => Promise<Outcome<unknown>>;

export interface OutboxOptions<T> {
  readonly publish: PublishEncoded;
  /** Needed for events with a shard: only its holder publishes them. */
  readonly leases?: ShardLeases<T>;
  readonly logger: DatabaseLog;
  /** Default 1,000: how late an event is when everybody who knew of it has died. */
  readonly pollMs?: number;
}

export interface EventOptions {
  /** The same whenever this event is announced, however often. */
  readonly messageId: string;
  readonly shard?: number;
  readonly body?: Uint8Array;
}

const BATCH = 100;
const LEFTOVERS_DEADLINE_MS = 10_000;
const LEFTOVERS_RETRY_MS = 100;
const SETTLE_DEADLINE_MS = 2_000;
const COUNTED_AT_MOST = 10_000;

/**
 * Announces what was committed: an event is added in the transaction of the data it announces, published after the
 * commit, and deleted once the bus has it. A crash in between means that it is published again, with the same message id.
 * Within a shard (and among events of none) the order is that of adding, as long as transactions do not overlap.
 */
export class Outbox<T> {
  private readonly lanes = new Map<number | undefined, Lane>();
  private readonly ticker: Ticker;
  private readonly log: DatabaseLog;
  private waiting = 0;
  private stopped = false;
  private failing = false;
  private gauge: { stop(): void } | undefined;

  constructor(
    private readonly database: Database<T>,
    private readonly options: OutboxOptions<T>,
  ) {
    this.log = options.logger;
    this.ticker = new Ticker(() => this.poll());
    options.leases?.beforeRelease((shard) => this.settle(shard));
  }

  /** Starts looking for events that nobody has announced. */
  async start(): Promise<void> {
    this.gauge = observe(
      'parley.outbox.waiting',
      { unit: '{event}', description: 'Committed events that are not published yet, counted up to 10,000.' },
      () => this.waiting,
    );
    await this.ticker.start();
  }

  event<P extends TSchema>(
    definition: EventDefinition<P>,
    id: string,
    payload: Static<P>,
    { messageId, shard, body }: EventOptions,
  ): OutboxEvent {
    if (definition.channel === 'live') throw new Error(`${definition.kind} is a live event; these are not kept`);
    const subject = definition.ingress(id);
    return { shard, subject, data: joinEnvelope(payload, body), messageId, traceparent: sampledTraceparent() };
  }

  add<U, P extends TSchema>(
    trx: Transaction<U>,
    definition: EventDefinition<P>,
    id: string,
    payload: Static<P>,
    options: EventOptions,
  ): Promise<void> {
    return this.addAll(trx, [this.event(definition, id, payload, options)]);
  }

  /** In one statement. At most some thousands. */
  addAll<U>(trx: Transaction<U>, events: readonly OutboxEvent[]): Promise<void> {
    return insertEvents(trx, events);
  }

  /** After the commit: publishes what the shard (or, without one, the process) has to announce. Never waits. */
  kick(shard?: number): void {
    if (!this.stopped) void this.lane(shard).kick();
  }

  /** Like `kick`, and resolves when all that was committed before is published, or cannot be now, or the time is over. */
  async published(shard: number, deadlineMs: number): Promise<void> {
    if (!this.stopped) await settleWithin(deadlineMs, this.lane(shard).kick());
  }

  /** A new owner announces what the one before could not, before it serves. Rejects after ten seconds, or if it is no owner. */
  async publishLeftovers(shard: number): Promise<void> {
    const deadline = performance.now() + LEFTOVERS_DEADLINE_MS;
    for (;;) {
      const result = await this.lane(shard).kick();
      if (result === 'empty') return;
      if (result === 'foreign') throw new LeaseLost(shard);
      if (performance.now() > deadline) throw new Error(`what was left of shard ${String(shard)} cannot be published`);
      await sleep(LEFTOVERS_RETRY_MS);
    }
  }

  /** Announces what is committed, within two seconds, then finishes. What is left, another process or the next run announces. */
  async stop(): Promise<void> {
    await this.ticker.stop();
    await this.settle(undefined);
    this.stopped = true;
    await Promise.all([...this.lanes.values()].map((lane) => lane.settled()));
    this.gauge?.stop();
  }

  private async settle(shard: number | undefined): Promise<void> {
    await settleWithin(SETTLE_DEADLINE_MS, this.lane(shard).kick());
  }

  private lane(shard: number | undefined): Lane {
    const found = this.lanes.get(shard);
    if (found !== undefined) return found;
    // What a round publishes is of many traces, each in its row, and none of them is that of the kick.
    const made = new Lane(() => inTrace(undefined, () => this.round(shard)));
    this.lanes.set(shard, made);
    return made;
  }

  /** The backstop: also what tries again after a failure. */
  private async poll(): Promise<number> {
    try {
      const db = this.database.housekeeping;
      for (const shard of await findWaiting(db, this.options.leases?.held() ?? [])) this.kick(shard);
      this.waiting = await countWaiting(db, COUNTED_AT_MOST);
    } catch (error) {
      this.report(error);
    }
    return this.options.pollMs ?? 1_000;
  }

  private async round(shard: number | undefined): Promise<LaneResult> {
    try {
      const result = await (shard === undefined ? this.publishUnsharded() : this.publishShard(shard));
      if (result === 'empty') this.failing = false;
      return result;
    } catch (error) {
      this.report(error);
      return 'failed';
    }
  }

  /** Once per outage, not once per event and second. */
  private report(error: unknown): void {
    if (!this.failing) this.log.warn({ err: error }, 'events wait in the outbox: they cannot be published now');
    this.failing = true;
  }

  private async publishShard(shard: number): Promise<LaneResult> {
    const ours = (): boolean => this.options.leases?.holds(shard) === true;
    for (;;) {
      if (!ours()) return 'foreign';
      const rows = await readShard(this.database.kysely, shard, BATCH);
      const published = await this.publishInOrder(rows, ours);
      await deleteEvents(this.database.kysely, published);
      if (published.length < rows.length) return 'failed';
      if (rows.length < BATCH) return 'empty';
    }
  }

  private async publishUnsharded(): Promise<LaneResult> {
    for (;;) {
      const { found, published } = await this.database.transaction(async (trx) => {
        const rows = await lockUnsharded(trx, BATCH);
        const done = await this.publishInOrder(rows, () => true);
        await deleteEvents(trx, done);
        return { found: rows.length, published: done.length };
      });
      if (published < found) return 'failed';
      if (found < BATCH) return 'empty';
    }
  }

  /** One after the other; the first that fails holds back the rest. Returns the ids of those that the bus has. */
  private async publishInOrder(rows: readonly OutboxRow[], ours: () => boolean): Promise<number[]> {
    const published: number[] = [];
    for (const { id, subject, data, messageId, traceparent } of rows) {
      // Asked before every single one: a process that was paused must not announce what its successor has announced.
      if (this.stopped || !ours()) break;
      const options = { messageId, ...(traceparent === null ? {} : { traceparent }) };
      const outcome = await this.options.publish(subject, data, options);
      if (!outcome.ok) {
        this.report(outcome.error);
        break;
      }
      published.push(id);
    }
    return published;
  }
}
