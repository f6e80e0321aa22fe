import { ok } from '@parley/contracts';
import type { Logger } from '@parley/telemetry';
import { saveSnapshot } from './operation.repository.js';
import type { Room } from './room.js';
import { snapshots } from './rooms.metrics.js';
import type { RoomsWrites } from './rooms-writes.js';

/** Of one document. Serializing a large one again and again would cost more than its operations. */
const PAUSE_MS = 1_000;
/** At once, so that they leave connections to the rest. */
const AT_ONCE = 2;

/** Writes documents' contents down, so that loading one need not replay all of its log. Never ahead of what is durable. */
export class Snapshots {
  /** When one was begun last, by the monotonic clock. */
  readonly #begun = new WeakMap<Room, number>();
  readonly #due = new Set<Room>();
  readonly #writing = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    private readonly writes: RoomsWrites,
    private readonly every: number,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  /** The document has become longer by a batch. */
  consider(room: Room): void {
    const { document } = room;
    if (document === undefined || document.version - document.snapshotAt < this.every) return;
    this.#due.add(room);
    this.#proceed();
  }

  /** Now, if the document has changed since the last one. False when it could not be written. */
  async write(room: Room): Promise<boolean> {
    const { document } = room;
    if (document === undefined || document.version === document.snapshotAt) return true;
    const rendering = await document.rendering();
    if (!rendering.ok || room.closed !== undefined) return false;
    const { version, text } = rendering.value;
    const written = await this.writes.run(room.shard, async (trx) =>
      ok(await saveSnapshot(trx, room.id, version, text)),
    );
    if (!written.ok) return false;
    if (written.value) snapshots.add(1);
    document.snapshotWritten(version);
    return true;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#writing);
  }

  #proceed(): void {
    const now = performance.now();
    for (const room of this.#due) {
      if (this.#stopped || this.#writing.size >= AT_ONCE) return;
      if (now - (this.#begun.get(room) ?? -Infinity) < PAUSE_MS) continue;
      this.#due.delete(room);
      this.#begin(room, now);
    }
    if (this.#due.size > 0) this.#timer ??= setTimeout(() => this.#again(), PAUSE_MS).unref();
  }

  #again(): void {
    this.#timer = undefined;
    this.#proceed();
  }

  #begin(room: Room, now: number): void {
    this.#begun.set(room, now);
    const writing = this.write(room)
      .then((written) => {
        if (!written) this.logger.warn({ roomId: room.id }, 'a snapshot could not be written; a later one will be');
      })
      .catch((error: unknown) => {
        this.logger.warn({ err: error, roomId: room.id }, 'a snapshot could not be written; a later one will be');
      })
      .finally(() => {
        this.#writing.delete(writing);
        this.#proceed();
      });
    this.#writing.add(writing);
  }
}
