import { ok, type ConnectionId, type GatewayId, type Outcome, type RoomId } from '@parley/contracts';
import type { Lanes } from '@parley/service';
import type { Clock } from './clock.js';
import { deleteParticipants, loseGateway, loseParticipants, type Seat } from './participant.repository.js';
import type { PresenceNews } from './presence-news.js';
import type { RoomDirectory } from './room-directory.js';
import type { Room } from './room.js';
import type { RoomsWrites } from './rooms-writes.js';
import type { Sql } from './rooms.tables.js';
import type { Present } from './roster.js';

export interface AttendanceParts {
  readonly sql: Sql;
  readonly writes: RoomsWrites;
  readonly directory: RoomDirectory;
  readonly news: PresenceNews;
  readonly lanes: Lanes<RoomId>;
  readonly clock: Clock;
  readonly graceMs: number;
}

/** Rows of one statement. */
const PAGE = 1_000;
/** A row with this time waits for nothing but its announcement. */
const LONG_AGO = new Date(0);

/**
 * Who leaves rooms, and when the others hear of it. A row stays until the leaving has been announced: the next owner
 * finds there what it still has to tell.
 */
export class Attendance {
  /** Announced: their rows can go. */
  #told: Seat[] = [];

  constructor(private readonly parts: AttendanceParts) {}

  get participants(): number {
    let count = 0;
    for (const { roster } of this.parts.directory.rooms()) count += roster.size;
    return count;
  }

  /** Those that participants are on. */
  gateways(): ReadonlySet<GatewayId> {
    const found = new Set<GatewayId>();
    for (const { roster } of this.parts.directory.rooms())
      for (const { gatewayId } of roster.all()) found.add(gatewayId);
    return found;
  }

  /** They are in the room from now on. */
  joined(room: Room, present: Present, replaced: Present | undefined): void {
    if (replaced !== undefined) room.roster.remove(replaced.participant.connectionId);
    room.roster.add(present);
    const before = replaced?.participant.connectionId;
    this.parts.news.joined(room, present, before === present.participant.connectionId ? undefined : before);
  }

  /** Gone without a word: the others hear of it when the grace is over. */
  async lose(room: Room, connectionIds: readonly ConnectionId[]): Promise<Outcome<void, 'unavailable' | 'timeout'>> {
    const there = connectionIds.filter((id) => room.roster.get(id)?.lostAt === undefined && room.roster.get(id));
    if (there.length === 0) return ok(undefined);
    const at = this.parts.clock();
    const seats = there.map((connectionId) => ({ roomId: room.id, connectionId }));
    const written = await this.parts.writes.run(room.shard, async (trx) => {
      await loseParticipants(trx, seats, new Date(at));
      return ok(undefined);
    });
    if (written.ok) this.#lost(room, there, at);
    return written;
  }

  /** Gone for good. */
  async end(room: Room, leaving: readonly Present[]): Promise<Outcome<void, 'unavailable' | 'timeout'>> {
    const seats = leaving.map(({ participant }) => ({ roomId: room.id, connectionId: participant.connectionId }));
    if (seats.length === 0) return ok(undefined);
    const written = await this.parts.writes.run(room.shard, async (trx) => {
      await loseParticipants(trx, seats, LONG_AGO);
      return ok(undefined);
    });
    if (written.ok) for (const present of leaving) this.forget(room, present);
    return written;
  }

  /** Its row says that it is gone, or is gone itself; the others are told. */
  forget(room: Room, present: Present): void {
    const { connectionId } = present.participant;
    room.roster.remove(connectionId);
    this.parts.news.left(room, present, () => this.#told.push({ roomId: room.id, connectionId }));
  }

  /** All connections of a gateway that is gone, in the shards that are ours. */
  async gatewayLost(gatewayId: GatewayId, shards: readonly number[]): Promise<void> {
    const at = this.parts.clock();
    await loseGateway(this.parts.sql, gatewayId, shards, new Date(at));
    for (const room of this.parts.directory.rooms()) {
      const there = [...room.roster.all()].filter((present) => present.gatewayId === gatewayId);
      const connectionIds = there.map(({ participant }) => participant.connectionId);
      if (connectionIds.length > 0) this.#lost(room, connectionIds, at);
    }
  }

  /** Ends those whose grace is over, and removes the rows of those who are announced. */
  async sweep(): Promise<void> {
    const before = this.parts.clock() - this.parts.graceMs;
    const isOver = ({ lostAt }: Present): boolean => lostAt !== undefined && lostAt <= before;
    const { withLost } = this.parts.directory;
    for (const room of [...withLost]) {
      const lost = room.roster.lost();
      if (lost.length === 0 || room.closed !== undefined) withLost.delete(room);
      // Behind a joining that takes one of them over.
      else if (lost.some(isOver)) {
        await this.parts.lanes.run(room.id, () => this.end(room, room.roster.lost().filter(isOver)));
      }
    }
    await this.clear();
  }

  #lost(room: Room, connectionIds: readonly ConnectionId[], at: number): void {
    for (const connectionId of connectionIds) room.roster.lose(connectionId, at);
    this.parts.directory.withLost.add(room);
  }

  async clear(): Promise<void> {
    while (this.#told.length > 0) {
      const page = this.#told.splice(0, PAGE);
      try {
        await deleteParticipants(this.parts.sql, page, LONG_AGO);
      } catch (error) {
        this.#told.unshift(...page);
        throw error;
      }
    }
  }
}
