import { membershipChanged, newMessageId, type ErrorCode, type EventDefinition, type Outcome } from '@parley/contracts';
import { attempt, type Database, type Outbox, type OutboxEvent, type ShardLeases } from '@parley/database';
import type { Static, TSchema } from '@sinclair/typebox';
import type { MessagingTables, Trx } from '../messaging.tables.js';
import { chatCommits } from './chat.metrics.js';

/** Adds an event to the transaction: announced after its commit, in the order of the calls. */
export type Announce = <P extends TSchema>(
  definition: EventDefinition<P>,
  id: string,
  payload: Static<P>,
  /** By default a new one. */
  messageId?: string,
) => void;

/** Below the deadline of the requests; without the bus, they are answered all the same. */
const MOVE_ANNOUNCED_MS = 1_000;

/**
 * The only way to write in chat: one transaction as the shard's owner, together with the events that tell of it. A lease
 * that was lost meanwhile loses the write.
 */
export class ChatWrites {
  constructor(
    private readonly database: Pick<Database<MessagingTables>, 'transaction'>,
    private readonly leases: Pick<ShardLeases<MessagingTables>, 'fence'>,
    private readonly outbox: Pick<
      Outbox<MessagingTables>,
      'event' | 'addAll' | 'kick' | 'published' | 'publishLeftovers'
    >,
  ) {}

  /**
   * `work` refuses before it changes anything: what it answers is committed in any case. Throwing rolls back. Who comes or
   * goes is announced before it is answered: shards announce each on its own, so what others do next, in a channel of
   * another shard, would overtake it, and never reach a new member, or reach one that has left.
   */
  async run<T, E extends ErrorCode = never>(
    shard: number,
    work: (trx: Trx, announce: Announce) => Promise<Outcome<T, E>>,
  ): Promise<Outcome<T, E | 'unavailable' | 'timeout'>> {
    const events: OutboxEvent[] = [];
    const kinds = new Set<string>();
    const announce: Announce = (definition, id, payload, messageId = newMessageId()) => {
      kinds.add(definition.kind);
      events.push(this.outbox.event(definition, id, payload, { messageId, shard }));
    };
    const written = await attempt(() =>
      this.database.transaction(async (trx) => {
        await this.leases.fence(trx, shard);
        const outcome = await work(trx, announce);
        await this.outbox.addAll(trx, events);
        return outcome;
      }),
    );
    if (!written.ok) return written;
    chatCommits.add(1);
    if (kinds.has(membershipChanged.kind)) await this.outbox.published(shard, MOVE_ANNOUNCED_MS);
    else if (events.length > 0) this.outbox.kick(shard);
    return written.value;
  }

  /** Resolves when everything committed in the shard is announced, or cannot be for now. */
  async caughtUp(shard: number): Promise<void> {
    // Away with the lease or without the bus: nothing is gained by waiting on.
    await this.outbox.publishLeftovers(shard).catch(() => undefined);
  }
}
