import type { ContentPieces } from './content-pieces.js';
import type { Documents } from './documents.js';
import type { RoomDirectory } from './room-directory.js';
import type { Room } from './room.js';
import type { Sequencer } from './sequencer.js';
import type { Snapshots } from './snapshots.js';

/** How long a room without people and document is remembered. */
const REMEMBERED_MS = 60_000;

/** Gives back what idle documents and rooms take of memory. */
export class MemoryUpkeep {
  constructor(
    private readonly documents: Documents,
    private readonly directory: RoomDirectory,
    private readonly sequencer: Pick<Sequencer, 'busy'>,
    private readonly snapshots: Pick<Snapshots, 'write'>,
    private readonly pieces: ContentPieces,
  ) {}

  async run(): Promise<void> {
    this.pieces.expire();
    for (const room of this.documents.surplus()) await this.#drop(room);
    const before = performance.now() - REMEMBERED_MS;
    for (const room of [...this.directory.rooms()]) {
      if (room.usedAt < before && room.forgettable && !this.sequencer.busy(room)) this.directory.forget(room, 'moved');
    }
  }

  async #drop(room: Room): Promise<void> {
    const { document } = room;
    if (document === undefined || this.sequencer.busy(room)) return;
    const { version } = document;
    const usedAt = room.usedAt;
    const written = await this.snapshots.write(room);
    // Used meanwhile, or not written down: it stays for now, unless there is no room for it.
    const isStill = room.document === document && document.version === version && !this.sequencer.busy(room);
    if (isStill && (this.documents.overfull || (written && room.usedAt === usedAt))) this.documents.drop(room);
  }
}
