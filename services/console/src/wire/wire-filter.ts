import type { Direction, WireDialect, WireEntry } from './wire-frame.js';

export interface Filter {
  /** All of them must be in the type or the text, in any case. */
  readonly words: string;
  readonly direction: Direction | 'both' | 'replayed';
  /** Of the room's dialect alone. */
  readonly only: boolean;
}

/** What happened to all dialects at once is shown in each. */
export function matches(entry: WireEntry, { words, direction }: Filter, dialect: WireDialect | undefined): boolean {
  if (dialect !== undefined && entry.dialect !== undefined && entry.dialect !== dialect) return false;
  if (direction !== 'both') {
    if (entry.kind === 'note') return false;
    if (direction === 'replayed' ? entry.replayed === 0 : entry.direction !== direction) return false;
  }
  const text = (entry.kind === 'note' ? entry.text : `${entry.type} ${entry.text ?? ''}`).toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
