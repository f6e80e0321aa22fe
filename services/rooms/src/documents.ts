import { fail, ok, type Outcome } from '@parley/contracts';
import { attempt, type Database } from '@parley/database';
import { defaultServerDocumentLimits, type ServerDocumentLimits } from '@parley/ot';
import type { Logger } from '@parley/telemetry';
import { announceLeftovers } from './leftovers.js';
import { logSize, operationsAfter, snapshotOf } from './operation.repository.js';
import { moved, noRoom } from './refusals.js';
import { RoomDocument, type Entry } from './room-document.js';
import type { Room } from './room.js';
import { loads } from './rooms.metrics.js';
import type { RoomsTables } from './rooms.tables.js';

export interface DocumentsSettings {
  readonly documentMaxBytes: number;
  readonly memoryMaxBytes: number;
  readonly idleMs: number;
}

const PAGE = 1_000;
/** Operations before the snapshot that are read as well, for clients that are a little behind. */
const BEFORE_SNAPSHOT = 200;
/** How much log is read for an operation that was made on an old version. */
const DEEP = { operations: 20_000, bytes: 16 * 2 ** 20 };

type Loaded = Outcome<RoomDocument, 'not_found' | 'unavailable' | 'timeout' | 'internal'>;

/** The documents in memory: least recently used first, and no more of them than their bound allows. */
export class Documents {
  readonly #sizes = new Map<Room, number>();
  readonly #loading = new Map<Room, Promise<Loaded>>();
  #bytes = 0;

  constructor(
    private readonly database: Pick<Database<RoomsTables>, 'kysely'>,
    private readonly settings: DocumentsSettings,
    private readonly logger: Pick<Logger, 'error'>,
  ) {}

  get count(): number {
    return this.#sizes.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async load(room: Room): Promise<Loaded> {
    if (room.document !== undefined) {
      this.touch(room);
      return ok(room.document);
    }
    const loading = this.#loading.get(room);
    if (loading !== undefined) return loading;
    const loaded = this.#load(room).finally(() => this.#loading.delete(room));
    this.#loading.set(room, loaded);
    return loaded;
  }

  /** Keeps operations since `baseVersion` as well. False when the log does not reach so far back, or that is too much. */
  async deepen(room: Room, baseVersion: number): Promise<Outcome<boolean, 'unavailable' | 'timeout'>> {
    return attempt(async () => {
      const { kysely } = this.database;
      const { document } = room;
      const head = await snapshotOf(kysely, room.id);
      if (document === undefined || head === undefined || baseVersion < head.logStart) return false;
      const size = await logSize(kysely, room.id, baseVersion);
      if (size.operations > DEEP.operations || size.bytes > DEEP.bytes) return false;
      const log = await this.#log(room, baseVersion, document.version);
      const { version } = document;
      const limits = {
        ...this.#limits(),
        maxLogOperations: DEEP.operations + PAGE,
        maxLogBytes: 2 * DEEP.bytes,
      };
      const opened = RoomDocument.open({ type: room.type, content: document.content(), version, log }, limits);
      if (!opened.ok || room.document !== document || document.version !== version) return false;
      opened.value.snapshotWritten(document.snapshotAt);
      room.document = opened.value;
      this.touch(room);
      return true;
    });
  }

  /** It was used, or has changed. */
  touch(room: Room): void {
    const { document } = room;
    if (document === undefined) return;
    room.usedAt = performance.now();
    this.#bytes += document.bytes - (this.#sizes.get(room) ?? 0);
    this.#sizes.delete(room);
    this.#sizes.set(room, document.bytes);
  }

  drop(room: Room): void {
    room.document = undefined;
    this.#bytes -= this.#sizes.get(room) ?? 0;
    this.#sizes.delete(room);
  }

  /** Those that nobody has used for long, and, while all are too large, those that were not used for longest. */
  surplus(): Room[] {
    const before = performance.now() - this.settings.idleMs;
    const surplus: Room[] = [];
    let left = this.#bytes;
    for (const [room, bytes] of this.#sizes) {
      if (left <= this.settings.memoryMaxBytes && room.usedAt > before) break;
      surplus.push(room);
      left -= bytes;
    }
    return surplus;
  }

  get overfull(): boolean {
    return this.#bytes > this.settings.memoryMaxBytes;
  }

  async #load(room: Room): Promise<Loaded> {
    const { kysely } = this.database;
    const read = await attempt(async () => {
      const head = await snapshotOf(kysely, room.id);
      if (head === undefined) return undefined;
      const log = await this.#log(room, Math.max(head.logStart, head.version - BEFORE_SNAPSHOT));
      // After it was read: what it goes on with then follows what is announced, whoever wrote it.
      await announceLeftovers(kysely, room);
      const content: unknown = JSON.parse(head.snapshot);
      return { type: room.type, content, version: head.version, log };
    });
    if (!read.ok) return read;
    if (read.value === undefined) return noRoom;
    if (room.closed !== undefined) return room.closed === 'removed' ? noRoom : moved;
    const opened = RoomDocument.open(read.value, this.#limits());
    if (!opened.ok) {
      this.logger.error({ roomId: room.id, error: opened.error }, 'a document cannot be made of its log');
      return fail('internal', 'The document cannot be opened.');
    }
    loads.add(1);
    room.document = opened.value;
    this.touch(room);
    return opened;
  }

  async #log(room: Room, since: number, until = Infinity): Promise<Entry[]> {
    const log: Entry[] = [];
    for (let after = since; ; after = log.at(-1)?.version ?? after) {
      const page = await operationsAfter(this.database.kysely, room.id, after, PAGE);
      for (const { entry } of page) if (entry.version <= until) log.push(entry);
      if (page.length < PAGE || (log.at(-1)?.version ?? 0) >= until) return log;
    }
  }

  #limits(): ServerDocumentLimits {
    return { ...defaultServerDocumentLimits, maxContentBytes: this.settings.documentMaxBytes };
  }
}
