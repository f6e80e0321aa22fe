import type { Board, Place } from './board.js';

export type Direction = 'up' | 'down' | 'left' | 'right';

const KEYS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

export function directionOf(key: string): Direction | undefined {
  return KEYS[key];
}

/** Where a card goes by one step; undefined at the edge of the board. Into another column it goes at the same height. */
export function oneStep({ columns }: Board, from: Place, direction: Direction): Place | undefined {
  const cards = columns[from.column]?.cards ?? [];
  switch (direction) {
    case 'up':
      return from.card > 0 ? { ...from, card: from.card - 1 } : undefined;
    case 'down':
      return from.card < cards.length - 1 ? { ...from, card: from.card + 1 } : undefined;
    case 'left':
    case 'right': {
      const column = from.column + (direction === 'left' ? -1 : 1);
      const there = columns[column]?.cards;
      return there === undefined ? undefined : { column, card: Math.min(from.card, there.length) };
    }
  }
}

/**
 * Where a card goes that is dropped in a column before its `before`th card (or at its end): in its own column the places behind it
 * are one less once it has been taken out.
 */
export function dropPlace(from: Place, column: number, before: number): Place {
  return { column, card: from.column === column && from.card < before ? before - 1 : before };
}
