import type { Outbox } from '@parley/database';
import { inParallel } from '@parley/service';
import type { AnnouncedVersions } from './announced-versions.js';
import type { Clock } from './clock.js';
import type { Documents } from './documents.js';
import type { PresenceNews } from './presence-news.js';
import { moved } from './refusals.js';
import type { RoomDirectory } from './room-directory.js';
import { busyRooms } from './room.repository.js';
import type { Room } from './room.js';
import type { RoomsTables, Sql } from './rooms.tables.js';
import type { Sequencer } from './sequencer.js';

export interface ShardChangeParts {
  readonly sql: Sql;
  readonly directory: RoomDirectory;
  readonly documents: Documents;
  readonly sequencer: Sequencer;
  readonly announced: AnnouncedVersions;
  readonly news: PresenceNews;
  readonly outbox: Pick<Outbox<RoomsTables>, 'publishLeftovers'>;
  readonly clock: Clock;
}

const AT_ONCE = 4;
/** The bus knows names of events for two minutes: what it has of these already, it leaves out. */
const JOINED_AGAIN_MS = 100_000;
const SETTLE_MS = 2_000;

/** What happens to rooms when their shard becomes ours, or somebody else's. */
export class ShardChange {
  constructor(private readonly parts: ShardChangeParts) {}

  /** Before the first request: announces what the owner before may not have, and knows who is in the rooms. */
  async takeOver(shard: number): Promise<void> {
    const { sql, outbox, directory } = this.parts;
    directory.madeByOthers();
    await outbox.publishLeftovers(shard);
    await inParallel(await busyRooms(sql, shard), AT_ONCE, async (roomId) => {
      const opened = await directory.open(roomId);
      if (!opened.ok && opened.error.code !== 'not_found') throw new Error(opened.error.message);
      if (!opened.ok) return;
      this.#welcome(opened.value);
      const settled = await opened.value.events.settled();
      if (!settled.ok) throw new Error(settled.error.message);
    });
  }

  /** After the last request. `ours`: there is time to finish, since nobody else has it yet. */
  async leave(shard: number, ours: boolean): Promise<void> {
    const { directory, documents, sequencer, announced, news } = this.parts;
    const rooms = directory.ofShard(shard);
    if (ours) {
      news.flush((room) => room.shard === shard);
      await within(SETTLE_MS, Promise.all(rooms.map((room) => room.events.settled())));
      await within(SETTLE_MS, announced.save(rooms));
    }
    for (const room of rooms) {
      directory.forget(room, 'moved');
      news.drop(room);
      sequencer.refuseAll(room, moved);
      documents.drop(room);
    }
  }

  /** Those who came shortly before may not have been announced. */
  #welcome(room: Room): void {
    const since = this.parts.clock() - JOINED_AGAIN_MS;
    for (const present of room.roster.all()) if (present.since > since) this.parts.news.joined(room, present);
  }
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
