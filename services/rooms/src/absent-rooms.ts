import type { RoomId } from '@parley/contracts';

const REMEMBERED_MS = 1_000;
const MAX = 10_000;

/** Ids that had no room a moment ago, so that who asks for one again and again costs nothing. The oldest go first. */
export class AbsentRooms {
  /** Until when, by the monotonic clock; in that order. */
  readonly #until = new Map<RoomId, number>();
  #changes = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  get size(): number {
    return this.#until.size;
  }

  /** How often something was taken out because there may be a room now. */
  get changes(): number {
    return this.#changes;
  }

  /** `changes` as it was before the database was asked: what it said may be over. */
  add(roomId: RoomId, changes: number): void {
    if (changes !== this.#changes) return;
    this.#until.delete(roomId);
    this.#until.set(roomId, this.now() + REMEMBERED_MS);
    for (const [oldest, until] of this.#until) {
      if (until > this.now() && this.#until.size <= MAX) break;
      this.#until.delete(oldest);
    }
  }

  has(roomId: RoomId): boolean {
    return (this.#until.get(roomId) ?? -Infinity) > this.now();
  }

  delete(roomId: RoomId): void {
    this.#changes++;
    this.#until.delete(roomId);
  }

  clear(): void {
    this.#changes++;
    this.#until.clear();
  }
}
