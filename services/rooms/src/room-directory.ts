import type { Bus } from '@parley/bus';
import { ok, shardOf, type Outcome, type RoomId } from '@parley/contracts';
import { attempt, LeaseLost, type Database, type ShardLeases } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import { AbsentRooms } from './absent-rooms.js';
import { announceLeftovers } from './leftovers.js';
import { noRoom } from './refusals.js';
import { RoomEvents, type Backlog } from './room-events.js';
import { findRoom, isRoom } from './room.repository.js';
import { Room } from './room.js';
import type { RoomsTables } from './rooms.tables.js';

export interface DirectoryParts {
  readonly database: Database<RoomsTables>;
  readonly leases: Pick<ShardLeases<RoomsTables>, 'holds'>;
  readonly bus: Pick<Bus, 'publishEncoded' | 'position'>;
  readonly backlog: Backlog;
  readonly logger: Logger;
  /** For tests. */
  readonly absent?: AbsentRooms;
}

type Opened = Outcome<Room, 'not_found' | 'unavailable' | 'timeout'>;

/** The rooms of our shards that are in memory; others are read when they are asked for. */
export class RoomDirectory {
  /** Those in which somebody may be lost. */
  readonly withLost = new Set<Room>();
  readonly #parts: DirectoryParts;
  readonly #rooms = new Map<RoomId, Room>();
  readonly #opening = new Map<RoomId, Promise<Opened>>();
  readonly #absent: AbsentRooms;

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
    this.#absent = parts.absent ?? new AbsentRooms();
  }

  get size(): number {
    return this.#rooms.size;
  }

  rooms(): Iterable<Room> {
    return this.#rooms.values();
  }

  get(roomId: RoomId): Room | undefined {
    return this.#rooms.get(roomId);
  }

  open(roomId: RoomId): Promise<Opened> {
    const known = this.#rooms.get(roomId);
    if (known !== undefined) {
      known.usedAt = performance.now();
      return Promise.resolve(ok(known));
    }
    const opening = this.#opening.get(roomId);
    if (opening !== undefined) return opening;
    if (this.#absent.has(roomId)) return Promise.resolve(noRoom);
    const opened = this.#open(roomId).finally(() => this.#opening.delete(roomId));
    this.#opening.set(roomId, opened);
    return opened;
  }

  /** There may be one of this id from now on. */
  made(roomId: RoomId): void {
    this.#absent.delete(roomId);
  }

  /** Others may have made rooms of ours. */
  madeByOthers(): void {
    this.#absent.clear();
  }

  /** Nobody may write to it any more. */
  forget(room: Room, why: 'removed' | 'moved'): void {
    room.closed = why;
    room.events.close();
    this.withLost.delete(room);
    if (this.#rooms.get(room.id) === room) this.#rooms.delete(room.id);
  }

  ofShard(shard: number): Room[] {
    return [...this.#rooms.values()].filter((room) => room.shard === shard);
  }

  async #open(roomId: RoomId): Promise<Opened> {
    const { bus, database } = this.#parts;
    const changes = this.#absent.changes;
    const known = await attempt(() => isRoom(database.kysely, roomId));
    if (!known.ok) return known;
    if (!known.value) {
      this.#absent.add(roomId, changes);
      return noRoom;
    }
    // Before what is read: whatever is announced up to there, the tables have.
    const position = await bus.position('EVENTS');
    if (!position.ok) return position;
    return attempt(async () => {
      const opened = await findRoom(database.kysely, roomId);
      if (opened === undefined) return undefined;
      const { id, incarnation, announced_version } = opened.head;
      const shard = shardOf(id);
      const events = new RoomEvents({
        roomId: id,
        incarnation,
        publish: (subject, data, options) => bus.publishEncoded(subject, data, options),
        backlog: this.#parts.backlog,
        ours: () => this.#parts.leases.holds(shard),
        logger: this.#parts.logger,
        announced: announced_version,
        position: position.value,
      });
      const room = new Room(opened, events);
      await announceLeftovers(database.kysely, room);
      if (!this.#parts.leases.holds(shard)) throw new LeaseLost(shard);
      this.#rooms.set(id, room);
      if (room.roster.lost().length > 0) this.withLost.add(room);
      return room;
    }).then((read) => (!read.ok ? read : read.value === undefined ? noRoom : ok(read.value)));
  }
}
