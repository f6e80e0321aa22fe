import { newMessageId, partyEvent, shardOf, type MessageId, type Outcome, type SessionId } from '@parley/contracts';
import { attempt, type Database, type Outbox, type OutboxEvent, type ShardLeases } from '@parley/database';
import { Lanes } from '@parley/service';
import type { Static } from '@sinclair/typebox';
import type { Clock } from './clock.js';
import type { SessionTables, SessionTransaction } from './session.tables.js';

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** What the members of a session are told. */
export type News = DistributiveOmit<Static<typeof partyEvent.payload>, 'at'>;

/** One transaction by the owner of a shard, and what is told of it once it has committed. */
export interface Change {
  readonly trx: SessionTransaction;
  /** ms since 1970 */
  readonly now: number;
  /** In this order. Returns the id that the event is published with. */
  readonly tell: (sessionId: SessionId, news: News) => MessageId;
}

/**
 * The only way to write: as the shard's owner, one transaction at a time per shard, so that events leave in the order of
 * what they tell. A lease that was lost meanwhile loses the write.
 */
export class SessionWriter {
  readonly #database: Database<SessionTables>;
  readonly #leases: ShardLeases<SessionTables>;
  readonly #outbox: Outbox<SessionTables>;
  readonly #clock: Clock;
  readonly #lanes = new Lanes<number>();

  constructor(
    database: Database<SessionTables>,
    leases: ShardLeases<SessionTables>,
    outbox: Outbox<SessionTables>,
    clock: Clock,
  ) {
    this.#database = database;
    this.#leases = leases;
    this.#outbox = outbox;
    this.#clock = clock;
  }

  change<T>(
    sessionId: SessionId,
    work: (change: Change) => Promise<T>,
  ): Promise<Outcome<T, 'unavailable' | 'timeout'>> {
    return this.changeShard(shardOf(sessionId), work);
  }

  changeShard<T>(shard: number, work: (change: Change) => Promise<T>): Promise<Outcome<T, 'unavailable' | 'timeout'>> {
    return this.#lanes.run(shard, () =>
      attempt(async () => {
        const value = await this.#database.transaction(async (trx) => {
          await this.#leases.fence(trx, shard);
          const events: OutboxEvent[] = [];
          const now = this.#clock();
          const result = await work({
            trx,
            now,
            tell: (sessionId, news) => {
              const messageId = newMessageId();
              events.push(this.#outbox.event(partyEvent, sessionId, { ...news, at: now }, { messageId, shard }));
              return messageId;
            },
          });
          if (events.length > 0) await this.#outbox.addAll(trx, events);
          return result;
        });
        this.#outbox.kick(shard);
        return value;
      }),
    );
  }
}
