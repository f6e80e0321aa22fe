import type { Participant } from '@parley/client';
import type { TextRange } from './text/editor-binding.js';

/** A user in the room, whatever the number of their windows. */
export interface Person {
  readonly userId: string;
  readonly name: string;
  /** `#rrggbb`; never anything else, whatever the server says. */
  readonly color: string;
  readonly role: Participant['role'];
  readonly windows: number;
}

/** Where somebody's caret is. */
export interface Mark extends TextRange {
  readonly userId: string;
  readonly name: string;
  readonly color: string;
}

const COLOR = /^#[0-9a-f]{6}$/i;
const UNKNOWN = '#5b6472';

/** In the order in which they came. */
export function peopleOf(participants: readonly Participant[]): readonly Person[] {
  const people = new Map<string, Person>();
  for (const { userId, name, color, role } of participants) {
    const windows = (people.get(userId)?.windows ?? 0) + 1;
    people.set(userId, { userId, name: nameOf(name), color: COLOR.test(color) ? color : UNKNOWN, role, windows });
  }
  return [...people.values()];
}

/** Those of people who are in the room. */
export function marksOf(ranges: ReadonlyMap<string, TextRange>, participants: readonly Participant[]): readonly Mark[] {
  return peopleOf(participants).flatMap(({ userId, name, color }) => {
    const range = ranges.get(userId);
    return range === undefined ? [] : [{ userId, name, color, ...range }];
  });
}

/** Black or white, whichever can be read on the colour. */
export function inkOn(color: string): '#000000' | '#ffffff' {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(Number.parseInt(color.slice(at, at + 2), 16) / 255));
  const light = 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
  // Where both have the same contrast.
  return light > 0.179 ? '#000000' : '#ffffff';
}

function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function nameOf(name: string): string {
  return name.trim() === '' ? 'somebody' : name;
}
