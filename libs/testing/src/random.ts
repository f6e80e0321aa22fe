/** Random numbers that are the same in every run with the same seed (mulberry32). */
export interface SeededRandom {
  readonly seed: number;
  /** 0 ≤ x < 1 */
  next(): number;
  /** An integer from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** True with the given probability (default a half). */
  chance(probability?: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** A new array; the given one stays as it is. */
  shuffle<T>(items: readonly T[]): T[];
  bytes(length: number): Uint8Array;
  /** Letters and digits. */
  text(length: number): string;
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    seed,
    next,
    int,
    chance: (probability = 0.5) => next() < probability,
    pick: (items) => itemAt(items, int(0, items.length - 1)),
    shuffle(items) {
      const keyed = items.map((item) => ({ item, key: next() }));
      return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
    },
    bytes: (length) => Uint8Array.from({ length }, () => int(0, 255)),
    text: (length) => Array.from({ length }, () => ALPHABET.charAt(int(0, ALPHABET.length - 1))).join(''),
  };
}

function itemAt<T>(items: readonly T[], index: number): T {
  for (const item of items.slice(index, index + 1)) return item;
  throw new Error('nothing to pick from');
}
