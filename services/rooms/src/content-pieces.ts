import { fail, ok, type Outcome, type rooms } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Rendering } from './room-document.js';

export type Content = Static<typeof rooms.get.reply>['content'];

/** Up to here a content is answered whole, in bytes. */
const WHOLE_BYTES = 256 * 1_024;
/** In UTF-16 units: as UTF-8, escaped once more as a JSON string, it still fits into a message of the bus. */
const PIECE_UNITS = 128 * 1_024;
const HELD_MS = 60_000;
/** In UTF-16 units, of all contents that are held ready. The oldest go first. */
const MAX_UNITS = 128 * 2 ** 20;

interface Held {
  readonly text: string;
  readonly until: number;
}

/** Contents that are too long for one answer, held for a minute so that all pieces are of one version. */
export class ContentPieces {
  readonly #held = new Map<string, Held>();
  #units = 0;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whole, or held ready from now on. */
  offer(incarnation: string, { version, text }: Rendering): Content {
    if (text.length <= WHOLE_BYTES && Buffer.byteLength(text) <= WHOLE_BYTES) return { kind: 'whole', text };
    this.#hold(keyOf(incarnation, version), text);
    return { kind: 'pieces', count: Math.max(2, Math.ceil(text.length / PIECE_UNITS)) };
  }

  piece(incarnation: string, version: number, piece: number): Outcome<{ text: string }, 'not_found'> {
    this.expire();
    const held = this.#held.get(keyOf(incarnation, version));
    const from = piece * PIECE_UNITS;
    if (held === undefined || (from >= held.text.length && piece > 1)) {
      return fail('not_found', 'This version is not held any more.');
    }
    return ok({ text: held.text.slice(from, from + PIECE_UNITS) });
  }

  /** Gives back what has been held for its time. */
  expire(): void {
    const now = this.now();
    for (const [key, { until }] of this.#held) {
      if (until > now) break;
      this.#drop(key);
    }
  }

  #hold(key: string, text: string): void {
    this.#drop(key);
    this.#held.set(key, { text, until: this.now() + HELD_MS });
    this.#units += text.length;
    for (const oldest of this.#held.keys()) {
      if (this.#units <= MAX_UNITS || oldest === key) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#units -= this.#held.get(key)?.text.length ?? 0;
    this.#held.delete(key);
  }
}

/** Not of the room's id, which another room may have after it. */
function keyOf(incarnation: string, version: number): string {
  return `${incarnation} ${String(version)}`;
}
