import type { Mark } from '../people.js';
import { unitsBefore } from './text-operation.js';

/** A piece of the text over which the same marks lie. */
export interface Segment {
  readonly text: string;
  /** Whose carets stand before it. */
  readonly carets: readonly Mark[];
  /** Whose selections it is in. */
  readonly selected: readonly Mark[];
}

/** The text cut where a selection begins or ends or a caret stands; all pieces together are the text. */
export function segmentsOf(text: string, marks: readonly Mark[]): readonly Segment[] {
  const placed = marks.map((mark) => {
    const [anchor, head] = [unitsBefore(text, mark.anchor), unitsBefore(text, mark.head)];
    return { mark, head, start: Math.min(anchor, head), end: Math.max(anchor, head) };
  });
  const cuts = new Set([0, text.length, ...placed.flatMap(({ start, end }) => [start, end])]);
  const places = [...cuts].sort((one, other) => one - other);
  return places.map((from, index) => ({
    text: text.slice(from, places[index + 1] ?? from),
    carets: placed.filter(({ head }) => head === from).map(({ mark }) => mark),
    selected: placed.filter(({ start, end }) => start <= from && from < end).map(({ mark }) => mark),
  }));
}
