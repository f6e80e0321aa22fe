import { attempt, type Database, type ShardLeases } from '@parley/database';
import type { RoomDirectory } from './room-directory.js';
import { saveAnnounced } from './room.repository.js';
import type { Room } from './room.js';
import type { RoomsTables } from './rooms.tables.js';
import type { Sequencer } from './sequencer.js';

/** Rooms of one statement. */
const AT_ONCE = 1_000;

/** Writes down, once in a while, up to where rooms are announced: all that the next owner need not publish again. */
export class AnnouncedVersions {
  constructor(
    private readonly database: Pick<Database<RoomsTables>, 'kysely'>,
    private readonly leases: Pick<ShardLeases<RoomsTables>, 'fenceQuery' | 'holds'>,
    private readonly directory: RoomDirectory,
    private readonly sequencer: Pick<Sequencer, 'between' | 'busy'>,
  ) {}

  async save(rooms: Iterable<Room> = this.directory.rooms()): Promise<void> {
    const due = [...rooms].filter((room) => this.#isDue(room));
    for (let from = 0; from < due.length; from += AT_ONCE) await this.#save(due.slice(from, from + AT_ONCE));
  }

  #isDue(room: Room): boolean {
    const { acknowledged } = room.events;
    return acknowledged > room.savedVersion || (room.marked && this.#isComplete(room));
  }

  /** Nothing waits, and nothing is on its way into the log. */
  #isComplete(room: Room): boolean {
    const { enqueued, acknowledged } = room.events;
    return enqueued === acknowledged && room.document?.version === enqueued && !this.sequencer.busy(room);
  }

  /** Between two commits: none of them can mark a room while its mark is taken away. */
  async #save(due: readonly Room[]): Promise<void> {
    await this.sequencer.between(async () => {
      const rooms = due.filter(({ shard, closed }) => closed === undefined && this.leases.holds(shard));
      if (rooms.length === 0) return;
      const announced = rooms.map((room) => ({
        roomId: room.id,
        version: room.events.acknowledged,
        all: this.#isComplete(room),
      }));
      const shards = [...new Set(rooms.map(({ shard }) => shard))];
      const saved = await attempt(() => saveAnnounced(this.database.kysely, announced, this.leases.fenceQuery(shards)));
      // The mark may be taken away or not: the next commit sets it again.
      if (!saved.ok) for (const room of rooms) room.marked = false;
      if (!saved.ok) return;
      rooms.forEach((room, index) => {
        const one = announced[index];
        if (one === undefined || !saved.value.has(room.id)) return;
        room.savedVersion = one.version;
        room.marked = !one.all;
      });
    });
  }
}
