import {
  gatewayCommand,
  newMessageId,
  presenceChanged,
  type ConnectionId,
  type GatewayId,
  type Outcome,
  type UserId,
} from '@parley/contracts';
import { attempt, type Database, type Outbox, type ShardLeases } from '@parley/database';
import { Lanes } from '@parley/service';
import { looksDifferent, shown, type PresenceState } from './presence-state.js';
import { announced } from './presence.metrics.js';
import type { PresenceRepository } from './presence.repository.js';
import type { PresenceTables, PresenceTransaction } from './presence.tables.js';

export interface Occasion {
  /** When it happens, ms since 1970. */
  readonly now: number;
  /** Which connection of a user is the cause of what is announced of them, if one is. */
  by?(userId: UserId): ConnectionId | undefined;
}

/**
 * The only way to write: as the shard's owner, one transaction at a time per shard, so that announcements leave in the
 * order of what they announce. A lease that was lost meanwhile loses the write.
 */
export class ShardWriter {
  readonly #database: Database<PresenceTables>;
  readonly #leases: ShardLeases<PresenceTables>;
  readonly #outbox: Outbox<PresenceTables>;
  readonly #presences: PresenceRepository;
  readonly #lanes = new Lanes<number>();

  constructor(
    database: Database<PresenceTables>,
    leases: ShardLeases<PresenceTables>,
    outbox: Outbox<PresenceTables>,
    presences: PresenceRepository,
  ) {
    this.#database = database;
    this.#leases = leases;
    this.#outbox = outbox;
    this.#presences = presences;
  }

  write<T>(
    shard: number,
    work: (trx: PresenceTransaction) => Promise<T>,
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

  /**
   * Changes users of the shard, in the caller's transaction: what others will see differently is announced with it.
   * Answers the states after the change, in the order of `userIds`.
   */
  async change(
    trx: PresenceTransaction,
    shard: number,
    userIds: readonly UserId[],
    occasion: Occasion,
    change: (state: PresenceState) => PresenceState,
  ): Promise<readonly PresenceState[]> {
    const before = await this.#presences.load(userIds, trx);
    const pairs = before.map((state) => ({ before: state, after: change(state) }));
    const changed = pairs.filter((pair) => pair.after !== pair.before);
    await this.#presences.save(
      trx,
      shard,
      changed.map((pair) => pair.after),
    );
    const visible = changed.filter((pair) => looksDifferent(pair.before, pair.after));
    await this.#announce(
      trx,
      shard,
      visible.map((pair) => pair.after),
      occasion,
    );
    return pairs.map((pair) => pair.after);
  }

  /** Tells their gateways to end these connections, since others have come in their place. */
  async disconnect(
    trx: PresenceTransaction,
    shard: number,
    connections: readonly { readonly connectionId: ConnectionId; readonly gatewayId: GatewayId }[],
  ): Promise<void> {
    if (connections.length === 0) return;
    const events = connections.map(({ connectionId, gatewayId }) => {
      const command = { type: 'disconnect', connectionId, reason: 'replaced' } as const;
      return this.#outbox.event(gatewayCommand, gatewayId, command, { messageId: newMessageId(), shard });
    });
    await this.#outbox.addAll(trx, events);
  }

  async #announce(
    trx: PresenceTransaction,
    shard: number,
    states: readonly PresenceState[],
    occasion: Occasion,
  ): Promise<void> {
    if (states.length === 0) return;
    const events = states.map((state) => {
      const by = occasion.by?.(state.userId);
      const payload = { ...shown(state, occasion.now), ...(by === undefined ? {} : { by }) };
      return this.#outbox.event(presenceChanged, state.userId, payload, { messageId: newMessageId(), shard });
    });
    await this.#outbox.addAll(trx, events);
    for (const state of states) announced.add(1, { status: state.visible });
  }
}
