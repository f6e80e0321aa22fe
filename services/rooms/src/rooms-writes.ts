import { newMessageId, roomEvent, type ErrorCode, type Outcome, type RoomEvent, type RoomId } from '@parley/contracts';
import { attempt, type Database, type Outbox, type OutboxEvent, type ShardLeases } from '@parley/database';
import type { RoomsTables, Trx } from './rooms.tables.js';

/** Adds an event of the room to the transaction; it is announced after the commit. */
export type Announce = (roomId: RoomId, event: Exclude<RoomEvent, { type: 'operations' }>) => void;

/** Writes of everything but operations: one transaction as the shard's owner, together with the events that tell of it. */
export class RoomsWrites {
  constructor(
    private readonly database: Pick<Database<RoomsTables>, 'transaction'>,
    private readonly leases: Pick<ShardLeases<RoomsTables>, 'fence'>,
    private readonly outbox: Pick<Outbox<RoomsTables>, 'event' | 'addAll' | 'kick'>,
  ) {}

  /** `work` refuses before it changes anything: what it answers is committed in any case. Throwing rolls back. */
  async run<T, E extends ErrorCode = never>(
    shard: number,
    work: (trx: Trx, announce: Announce) => Promise<Outcome<T, E>>,
  ): Promise<Outcome<T, E | 'unavailable' | 'timeout'>> {
    const events: OutboxEvent[] = [];
    const announce: Announce = (roomId, event) => {
      events.push(this.outbox.event(roomEvent, roomId, event, { messageId: newMessageId(), shard }));
    };
    const written = await attempt(() =>
      this.database.transaction(async (trx) => {
        await this.leases.fence(trx, shard);
        const outcome = await work(trx, announce);
        if (events.length > 0) await this.outbox.addAll(trx, events);
        return outcome;
      }),
    );
    if (!written.ok) return written;
    if (events.length > 0) this.outbox.kick(shard);
    return written.value;
  }
}
