import { fail, ok, type Outcome } from '@parley/contracts';
import { codePoints } from './text-content.js';
import { isCount, isList, isRecord, isWellFormed } from './json-value.js';

/** Skip so many code points, insert this, delete so many: as ot-text-unicode has it, in its shortest form. */
export type TextPart = number | string | { d: number };
export type TextOperation = TextPart[];

/** More than any document holds; sums of such counts stay exact. */
const MAX_LENGTH = 2 ** 26;
export const MAX_PARTS = 20_000;

/**
 * Of the library's format, and of what some of its clients send: zero counts, neighbours that belong together, a skip at the
 * end, deletions that name their text. The library itself throws at these, so they are put right here.
 */
export function parseTextOperation(json: unknown): Outcome<TextOperation, 'invalid'> {
  if (!isList(json)) return fail('invalid', 'a text operation is a list of parts');
  if (json.length > MAX_PARTS) return fail('invalid', `an operation has at most ${MAX_PARTS} parts`);
  const operation: TextOperation = [];
  let reach = 0;
  for (const [index, item] of json.entries()) {
    const part = parsePart(item);
    if (part === undefined) {
      return fail('invalid', 'is neither a count, nor text, nor a deletion', { field: String(index) });
    }
    if (typeof part !== 'string') reach += typeof part === 'number' ? part : part.d;
    if (reach > MAX_LENGTH) return fail('invalid', 'reaches beyond any document', { field: String(index) });
    append(operation, part);
  }
  if (typeof operation.at(-1) === 'number') operation.pop();
  return ok(operation);
}

function parsePart(item: unknown): TextPart | undefined {
  if (isCount(item, 0, MAX_LENGTH)) return item;
  if (typeof item === 'string') return isWellFormed(item) ? item : undefined;
  if (!isRecord(item) || Object.keys(item).length !== 1 || !Object.hasOwn(item, 'd')) return undefined;
  const deleted = item['d'];
  if (isCount(deleted, 0, MAX_LENGTH)) return { d: deleted };
  return typeof deleted === 'string' && isWellFormed(deleted) ? { d: codePoints(deleted) } : undefined;
}

function append(operation: TextOperation, part: TextPart): void {
  if (part === 0 || part === '' || (typeof part === 'object' && part.d === 0)) return;
  const last = operation.at(-1);
  const end = operation.length - 1;
  if (typeof part === 'number' && typeof last === 'number') operation[end] = last + part;
  else if (typeof part === 'string' && typeof last === 'string') operation[end] = last + part;
  else if (typeof part === 'object' && typeof last === 'object') operation[end] = { d: last.d + part.d };
  else operation.push(part);
}

/** How many code points of a text it needs to be there. */
export function reachOf(operation: readonly TextPart[]): number {
  let reach = 0;
  for (const part of operation) if (typeof part !== 'string') reach += typeof part === 'number' ? part : part.d;
  return reach;
}

/** Shortest change in one place that makes `after` of `before`. */
export function textDifference(before: string, after: string): TextOperation {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
  // Neither end may cut a pair: two different pairs can share one half.
  if (start > 0 && isHigh(before, start - 1)) start -= 1;
  let end = 0;
  while (
    end < shorter - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  ) {
    end += 1;
  }
  if (end > 0 && isLow(before, before.length - end)) end -= 1;
  const operation: TextOperation = [];
  append(operation, codePoints(before.slice(0, start)));
  append(operation, after.slice(start, after.length - end));
  append(operation, { d: codePoints(before.slice(start, before.length - end)) });
  if (typeof operation.at(-1) === 'number') operation.pop();
  return operation;
}

function isHigh(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0xd800 && code < 0xdc00;
}

function isLow(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0xdc00 && code < 0xe000;
}
