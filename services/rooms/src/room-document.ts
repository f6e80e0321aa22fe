import {
  fail,
  ok,
  type ConnectionId,
  type DocumentType,
  type LoggedOperation,
  type Outcome,
  type UserId,
} from '@parley/contracts';
import {
  openServerDocument,
  type LogEntry,
  type ServerDocument,
  type ServerDocumentLimits,
  type Staged,
} from '@parley/ot';
import { documentTypes } from '@parley/ot/all-types';
import { checksumInSlices, textOf } from './document-text.js';

/** What is kept of an operation beside itself. */
export interface Author {
  readonly id: string;
  readonly userId: UserId;
  readonly connectionId: ConnectionId;
}

export type Entry = LogEntry<Author>;

export interface StoredRoomDocument {
  readonly type: DocumentType;
  /** The snapshot as JSON. */
  readonly content: unknown;
  readonly version: number;
  readonly log: readonly Entry[];
}

/** The committed content of one version, as JSON text. */
export interface Rendering {
  readonly version: number;
  readonly text: string;
}

/** What is made once per version, and only if somebody asks. */
class PerVersion<T> {
  #made: { readonly version: number; readonly value: Promise<Outcome<T, 'unavailable'>> } | undefined;

  get(version: number, make: () => Promise<Outcome<T, 'unavailable'>>): Promise<Outcome<T, 'unavailable'>> {
    if (this.#made?.version === version) return this.#made.value;
    const made = { version, value: this.#keep(version, make()) };
    this.#made = made;
    return made.value;
  }

  async #keep(version: number, value: Promise<Outcome<T, 'unavailable'>>): Promise<Outcome<T, 'unavailable'>> {
    const outcome = await value;
    if (!outcome.ok && this.#made?.version === version) this.#made = undefined;
    return outcome;
  }
}

/** Entries and their ids cost this much beside their text. */
const ENTRY_BYTES = 400;

/** A document in its owner's memory, and which operations it knows by their ids. */
export class RoomDocument {
  readonly #document: ServerDocument<Author>;
  /** Operations that are kept, by id, in order of version. */
  readonly #versions = new Map<string, number>();
  /** Found in the log although nothing here knew of them. */
  readonly #found = new Map<string, number>();
  #staged: Entry[] = [];
  readonly #renderings = new PerVersion<Rendering>();
  readonly #checksums = new PerVersion<string>();
  /** Of the text that is kept, in UTF-16 units. */
  #rendered = 0;
  #snapshotAt: number;

  private constructor(document: ServerDocument<Author>, snapshotAt: number) {
    this.#document = document;
    this.#snapshotAt = snapshotAt;
    for (const { version, tag } of document.operationsSince(document.oldestVersion) ?? []) {
      this.#versions.set(tag.id, version);
    }
  }

  static open(stored: StoredRoomDocument, limits: ServerDocumentLimits): Outcome<RoomDocument, 'invalid'> {
    const { type, content, version, log } = stored;
    const entry = documentTypes.get(type);
    if (entry === undefined) return fail('invalid', `there are no documents of type ${type}`);
    const opened = entry.use((operational) => openServerDocument(operational, { content, version, log }, limits));
    return opened.ok ? ok(new RoomDocument(opened.value, version)) : opened;
  }

  get version(): number {
    return this.#document.version;
  }

  /** Operations made on older versions cannot be staged with what is kept here. */
  get oldestVersion(): number {
    return this.#document.oldestVersion;
  }

  /** The newest version that a snapshot was written of. */
  get snapshotAt(): number {
    return this.#snapshotAt;
  }

  /** About what it takes of memory. */
  get bytes(): number {
    return this.#document.bytes + this.#document.logBytes + this.#rendered + this.#versions.size * ENTRY_BYTES;
  }

  /** The version that this operation was applied as, or will be when what is staged is committed. */
  versionOf(operationId: string): number | undefined {
    return this.#versions.get(operationId) ?? this.#found.get(operationId);
  }

  /** The log has these. Remembered until the next commit. */
  found(versions: Iterable<readonly [string, number]>): void {
    for (const [id, version] of versions) this.#found.set(id, version);
  }

  stage(operation: unknown, baseVersion: number, author: Author): Staged<Author> {
    const staged = this.#document.stage(operation, baseVersion, author);
    if (staged.result === 'staged') {
      this.#staged.push(staged.entry);
      this.#versions.set(author.id, staged.entry.version);
    }
    return staged;
  }

  get stagedEntries(): readonly Entry[] {
    return this.#staged;
  }

  /** What is staged is durable. */
  commit(): void {
    this.#document.commit();
    this.#staged = [];
    this.#found.clear();
    for (const [id, version] of this.#versions) {
      if (version > this.oldestVersion) break;
      this.#versions.delete(id);
    }
  }

  rollback(): void {
    this.#document.rollback();
    for (const { tag } of this.#staged) this.#versions.delete(tag.id);
    this.#staged = [];
  }

  snapshotWritten(version: number): void {
    this.#snapshotAt = Math.max(this.#snapshotAt, version);
  }

  /** The committed content as JSON, which never changes in place. */
  content(): unknown {
    return this.#document.content();
  }

  /** Of the version as it is now, whatever is committed meanwhile. */
  rendering(): Promise<Outcome<Rendering, 'unavailable'>> {
    const { version } = this;
    return this.#renderings.get(version, async () => {
      const text = await textOf(this.content(), this.#document.bytes);
      if (!text.ok) return text;
      this.#rendered = text.value.length;
      return ok({ version, text: text.value });
    });
  }

  /** SHA-256 over the canonical JSON of the content as it is now. */
  checksum(): Promise<Outcome<string, 'unavailable'>> {
    return this.#checksums.get(this.version, () => checksumInSlices(this.content(), this.#document.bytes));
  }

  /** Undefined when not all of them are kept here, or `since` is ahead. */
  operationsSince(since: number): readonly LoggedOperation[] | undefined {
    return this.#document.operationsSince(since)?.map(loggedOf);
  }
}

export function loggedOf({ baseVersion, version, text, tag }: Entry): LoggedOperation {
  return { id: tag.id, userId: tag.userId, baseVersion, version, operation: text };
}
