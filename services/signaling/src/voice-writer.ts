import { newMessageId, serverEvent, shardOf, type Outcome, type VoiceState } from '@parley/contracts';
import { attempt, type Database, type Outbox, type ShardLeases } from '@parley/database';
import { Lanes } from '@parley/service';
import type { SignalingTables, SignalingTransaction } from './signaling.tables.js';

/**
 * The only way to write: as the shard's owner, one transaction at a time per shard, so that announcements leave in the
 * order of what they announce. A lease that was lost meanwhile loses the write.
 */
export class VoiceWriter {
  readonly #database: Database<SignalingTables>;
  readonly #leases: ShardLeases<SignalingTables>;
  readonly #outbox: Outbox<SignalingTables>;
  readonly #lanes = new Lanes<number>();

  constructor(
    database: Database<SignalingTables>,
    leases: ShardLeases<SignalingTables>,
    outbox: Outbox<SignalingTables>,
  ) {
    this.#database = database;
    this.#leases = leases;
    this.#outbox = outbox;
  }

  write<T>(
    shard: number,
    work: (trx: SignalingTransaction) => Promise<T>,
  ): Promise<Outcome<T, 'unavailable' | 'timeout'>> {
    return this.#lanes.run(shard, () =>
      attempt(async () => {
        const value = await this.#database.transaction(async (trx) => {
          await this.#leases.fence(trx, shard);
          return work(trx);
        });
        this.#outbox.kick(shard);
        return value;
      }),
    );
  }

  /** Each to its server, in this order; told once the caller's transaction has committed. */
  async announce(trx: SignalingTransaction, states: readonly VoiceState[]): Promise<void> {
    const events = states.map((state) =>
      this.#outbox.event(
        serverEvent,
        state.serverId,
        { type: 'voice_state', state },
        { messageId: newMessageId(), shard: shardOf(state.userId) },
      ),
    );
    if (events.length > 0) await this.#outbox.addAll(trx, events);
  }
}
