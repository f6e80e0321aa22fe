import {
  fail,
  newMessageId,
  watchEvent,
  type ConnectionId,
  type Outcome,
  type TransportErrorCode,
} from '@parley/contracts';
import { attempt, type Database, type Outbox, type OutboxEvent, type ShardLeases } from '@parley/database';
import { Lanes } from '@parley/service';
import type { Static } from '@sinclair/typebox';
import type { Clock } from '../clock.js';
import type { SignalingTables, SignalingTransaction } from '../signaling.tables.js';
import type { Announcement, Publications } from './publications.js';

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** What one connection is told. */
export type News = DistributiveOmit<Static<typeof watchEvent.payload>, 'at'>;

/** One transaction by the owner of a shard, and what is told of it once it has committed. */
export interface Change {
  readonly trx: SignalingTransaction;
  /** ms since 1970 */
  readonly now: number;
  /** In this order. */
  readonly tell: (connectionId: ConnectionId, news: News, body?: Uint8Array) => void;
}

export interface WriterParts {
  readonly database: Database<SignalingTables>;
  readonly leases: ShardLeases<SignalingTables>;
  readonly outbox: Outbox<SignalingTables>;
  readonly publications: Publications;
  readonly clock: Clock;
}

/**
 * One thing at a time per shard: what changes rows, in a transaction by the shard's owner, whose events leave in order; and
 * what only passes a signal on, which needs no transaction but must not overtake those events. A lease that was lost
 * meanwhile loses the write.
 */
export class WatchWriter {
  readonly #parts: WriterParts;
  readonly #lanes = new Lanes<number>();
  /** The last event written to each shard: those before it are published before it. */
  readonly #told = new Map<number, Announcement>();

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  change<T>(shard: number, work: (change: Change) => Promise<T>): Promise<Outcome<T, 'unavailable' | 'timeout'>> {
    return this.#lanes.run(shard, () => attempt(() => this.#commit(shard, work)));
  }

  /** `work` reads, and begins to publish what may pass; who calls waits for the rest outside of the shard's line. */
  relay<T>(shard: number, work: () => Promise<T>): Promise<Outcome<T, TransportErrorCode>> {
    return this.#lanes.run(shard, async () => {
      const last = this.#told.get(shard);
      if (last !== undefined && !(await last.isPublished())) {
        return fail('unavailable', 'Events cannot be published now.');
      }
      return attempt(work);
    });
  }

  /** What was written of this shard is published by whoever owns it now, or has been by whoever did. */
  forget(shard: number): void {
    this.#replace(shard, undefined);
  }

  async #commit<T>(shard: number, work: (change: Change) => Promise<T>): Promise<T> {
    const { database, leases, outbox, publications, clock } = this.#parts;
    let last: Announcement | undefined;
    try {
      const value = await database.transaction(async (trx) => {
        await leases.fence(trx, shard);
        const events: OutboxEvent[] = [];
        const now = clock();
        const result = await work({
          trx,
          now,
          tell: (connectionId, news, body) => {
            const options = { messageId: newMessageId(), shard, ...(body === undefined ? {} : { body }) };
            events.push(outbox.event(watchEvent, connectionId, { ...news, at: now }, options));
          },
        });
        const lastEvent = events.at(-1);
        if (lastEvent === undefined) return result;
        // Expected before it can be published.
        last = publications.expect(lastEvent.messageId);
        await outbox.addAll(trx, events);
        return result;
      });
      if (last !== undefined) this.#replace(shard, last);
      outbox.kick(shard);
      return value;
    } catch (error) {
      if (last !== undefined) publications.forget(last);
      throw error;
    }
  }

  #replace(shard: number, announcement: Announcement | undefined): void {
    const before = this.#told.get(shard);
    if (before !== undefined) this.#parts.publications.forget(before);
    if (announcement === undefined) this.#told.delete(shard);
    else this.#told.set(shard, announcement);
  }
}
