import type { DocumentTypeEntry } from '@parley/ot';
import { textType } from '@parley/ot/text';

/** Skip so many code points, insert this, delete so many. */
export type TextPart = number | string | { readonly d: number };
export type TextOperation = readonly TextPart[];

/** One change of a text: what it did, and whose it was. */
export interface TextStep {
  readonly operation: TextOperation;
  readonly origin: 'local' | 'undo' | 'remote';
}

/** What was inserted exactly at a position comes `before` it (which moves on) or `after` it (which stays). */
export type Insertion = 'before' | 'after';

/**
 * The change in one place that made `after` of `before`, as the one who typed it meant it: an editor leaves its caret at the end of
 * what it changed. Without that, the third `a` typed into `aa|aa` could be any of the five.
 */
export function changeBetween(before: string, after: string, caret: number): TextOperation {
  const shorter = Math.min(before.length, after.length);
  const behind = Math.min(shorter, after.length - caret);
  let end = 0;
  while (end < behind && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)) {
    end += 1;
  }
  let start = 0;
  while (start < shorter - end && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  // Neither end may cut a pair: two different pairs can share one half.
  if (start > 0 && isHigh(before.charCodeAt(start - 1))) start -= 1;
  if (end > 0 && isLow(before.charCodeAt(before.length - end))) end -= 1;
  const inserted = after.slice(start, after.length - end);
  const deleted = pointsIn(before.slice(start, before.length - end));
  if (inserted === '' && deleted === 0) return [];
  const skipped = pointsIn(before.slice(0, start));
  return [
    ...(skipped === 0 ? [] : [skipped]),
    ...(inserted === '' ? [] : [inserted]),
    ...(deleted === 0 ? [] : [{ d: deleted }]),
  ];
}

/** Where a position, in code points, is after the operation. */
export function movedBy(operation: TextOperation, position: number, insertion: Insertion): number {
  let moved = position;
  let index = 0;
  for (const part of operation) {
    if (index > moved) break;
    if (typeof part === 'number') index += part;
    else if (typeof part === 'string') {
      const length = pointsIn(part);
      if (index < moved || insertion === 'before') moved += length;
      index += length;
    } else if (index < moved) moved -= Math.min(part.d, moved - index);
  }
  return moved;
}

/** The end of the last place that it changed, in code points of the text after it: where whoever undoes wants to look. */
export function endOf(operation: TextOperation): number {
  let index = 0;
  for (const part of operation) {
    if (typeof part === 'number') index += part;
    else if (typeof part === 'string') index += pointsIn(part);
  }
  return index;
}

/** Both operations were made on the same text: each as it has to be once the other is done. `first` was there first. */
export function bothWays(first: TextOperation, second: TextOperation): { first: TextOperation; second: TextOperation } {
  return entry.use((type) => {
    const [one, two] = [type.parseOperation(first), type.parseOperation(second)];
    if (!one.ok || !two.ok) throw new Error('not operations on a text');
    return {
      first: believed(type.operationToJson(type.transform(one.value, two.value, 'left'))),
      second: believed(type.operationToJson(type.transform(two.value, one.value, 'right'))),
    };
  });
}

const entry: DocumentTypeEntry = textType;

function believed(json: unknown): TextOperation {
  const operation = textOperationOf(json);
  if (operation === undefined) throw new Error('not an operation on a text');
  return operation;
}

/** Undefined for what is no operation on a text. */
export function textOperationOf(json: unknown): TextOperation | undefined {
  return Array.isArray(json) && json.every(isPart) ? json : undefined;
}

function isPart(part: unknown): part is TextPart {
  if (typeof part === 'number' || typeof part === 'string') return true;
  return typeof part === 'object' && part !== null && 'd' in part && typeof part.d === 'number';
}

/** How many code points a text has. */
export function pointsIn(text: string): number {
  return pointsBefore(text, text.length);
}

/** Editors count UTF-16 units, operations count code points. */
export function pointsBefore(text: string, units: number): number {
  let points = 0;
  const end = Math.min(units, text.length);
  for (let unit = 0; unit < end; unit += 1) if (!isLow(text.charCodeAt(unit))) points += 1;
  return points;
}

/** The other way; never more than there is. */
export function unitsBefore(text: string, points: number): number {
  let unit = 0;
  for (let point = 0; point < points && unit < text.length; point += 1) {
    unit += isHigh(text.charCodeAt(unit)) ? 2 : 1;
  }
  return Math.min(unit, text.length);
}

function isHigh(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}

function isLow(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}
