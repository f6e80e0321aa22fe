import { fail, ok, type Outcome } from '@parley/contracts';
import { entryOf, type OperationalType } from './document-type.js';
import {
  bytesOfPart,
  Delta,
  parseRichTextContent,
  parseRichTextOperation,
  spanOf,
  type RichTextPart,
} from './rich-text-operation.js';

/** A document as a list of inserts, measured in UTF-16 units as Quill does it; an embed counts one. */
export interface RichTextContent {
  readonly parts: RichTextPart[];
  readonly length: number;
  readonly bytes: number;
}

/** Text with attributes and embeds as Quill deltas. */
export const richText: OperationalType<RichTextContent, RichTextPart[]> = {
  name: 'rich-text',
  parseContent(json) {
    const parts = parseRichTextContent(json);
    return parts.ok ? ok(measured(parts.value)) : parts;
  },
  parseOperation: parseRichTextOperation,
  contentToJson: (content) => ({ ops: content.parts }),
  operationToJson: (operation) => ({ ops: operation }),
  apply: applyRichText,
  // Whose part comes first has priority in Quill's words: its text stands first and its attributes win.
  transform: (operation, other, side) => new Delta(other).transform(new Delta(operation), side === 'right').ops,
  compose: (first, second) => new Delta(first).compose(new Delta(second)).ops,
  invert: (operation, before) => new Delta(operation).invert(new Delta(before.parts)).ops,
  difference: richTextDifference,
  isNoop: (operation) => operation.length === 0,
  parts: (operation) => operation.length,
  applyWork: (content, operation) => content.parts.length + operation.length,
  size: (content) => content.bytes,
};

/** As clients are given it. */
export const richTextType = /* @__PURE__ */ entryOf(richText);

function applyRichText(content: RichTextContent, operation: RichTextPart[]): Outcome<RichTextContent, 'invalid'> {
  const problem = misfit(content, operation);
  if (problem !== undefined) return fail('invalid', problem);
  const parts = new Delta(content.parts).compose(new Delta(operation)).ops;
  return ok(remeasured(content, parts));
}

/** The library would delete beyond the end, and cut a surrogate pair in two. */
function misfit(content: RichTextContent, operation: readonly RichTextPart[]): string | undefined {
  let position = 0;
  let start = 0;
  let index = 0;
  for (const part of operation) {
    position += spanOf(part);
    for (let next = content.parts[index]; next !== undefined && start + lengthOf(next) <= position;) {
      start += lengthOf(next);
      index += 1;
      next = content.parts[index];
    }
    const here = content.parts[index];
    if (typeof here?.insert === 'string' && cutsPair(here.insert, position - start)) return 'cuts a character in two';
  }
  return position > content.length ? 'reaches beyond the end of the text' : undefined;
}

function cutsPair(text: string, at: number): boolean {
  if (at === 0) return false;
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code < 0xe000;
}

function lengthOf(part: RichTextPart): number {
  return typeof part.insert === 'string' ? part.insert.length : 1;
}

function measured(parts: RichTextPart[]): RichTextContent {
  return { parts, ...sumOf(parts, 0, parts.length, 10) };
}

/** Only what has changed is measured: it lies between what both have at their beginning and at their end. */
function remeasured(before: RichTextContent, parts: RichTextPart[]): RichTextContent {
  const shorter = Math.min(before.parts.length, parts.length);
  let start = 0;
  while (start < shorter && isSame(before.parts[start], parts[start])) start += 1;
  let end = 0;
  while (end < shorter - start && isSame(before.parts.at(-1 - end), parts.at(-1 - end))) end += 1;
  const gone = sumOf(before.parts, start, before.parts.length - end, 0);
  const come = sumOf(parts, start, parts.length - end, 0);
  return { parts, length: before.length - gone.length + come.length, bytes: before.bytes - gone.bytes + come.bytes };
}

function isSame(one: RichTextPart | undefined, other: RichTextPart | undefined): boolean {
  return one === other || (one?.insert === other?.insert && one?.attributes === other?.attributes);
}

function sumOf(
  parts: readonly RichTextPart[],
  from: number,
  to: number,
  start: number,
): { length: number; bytes: number } {
  let length = 0;
  let bytes = start;
  for (const part of parts.slice(from, to)) {
    length += lengthOf(part);
    bytes += bytesOfPart(part) + 1;
  }
  return { length, bytes };
}

/** Comparing takes the product of length and difference; beyond this only what both ends share is left alone. */
const MAX_COMPARED = 20_000;

function richTextDifference(before: RichTextContent, after: RichTextContent): RichTextPart[] {
  if (before.length + after.length <= MAX_COMPARED) {
    const compared = new Delta(before.parts).diff(new Delta(after.parts)).ops;
    // It looks at UTF-16 units, and at times finds that half a character has changed.
    if (misfit(before, compared) === undefined) return compared;
  }
  const start = sharedStart(before.parts, after.parts);
  const end = sharedEnd(before.parts, after.parts, Math.min(before.length, after.length) - start);
  const middle = new Delta(after.parts).slice(start, after.length - end).ops;
  return middle
    .reduce((delta, part) => delta.push(part), new Delta().retain(start))
    .delete(before.length - start - end)
    .chop().ops;
}

/** UTF-16 units that are the same at the beginning, whole characters only. */
function sharedStart(one: readonly RichTextPart[], other: readonly RichTextPart[]): number {
  let shared = 0;
  for (const [index, part] of one.entries()) {
    const counterpart = other[index];
    if (!isEqual(part, counterpart)) return shared + sharedText(part, counterpart, commonPrefix);
    shared += lengthOf(part);
  }
  return shared;
}

function sharedEnd(one: readonly RichTextPart[], other: readonly RichTextPart[], most: number): number {
  let shared = 0;
  for (let back = -1; -back <= one.length; back -= 1) {
    const part = one.at(back);
    const counterpart = other.at(back);
    if (part === undefined || !isEqual(part, counterpart) || shared + lengthOf(part) > most) {
      return shared + sharedText(part, counterpart, (a, b) => commonSuffix(a, b, most - shared));
    }
    shared += lengthOf(part);
  }
  return shared;
}

function sharedText(
  one: RichTextPart | undefined,
  other: RichTextPart | undefined,
  count: (one: string, other: string) => number,
): number {
  if (typeof one?.insert !== 'string' || typeof other?.insert !== 'string') return 0;
  return JSON.stringify(one.attributes) === JSON.stringify(other.attributes) ? count(one.insert, other.insert) : 0;
}

function commonPrefix(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one.charCodeAt(length) === other.charCodeAt(length)) length += 1;
  return cutsPair(one, length) || cutsPair(other, length) ? length - 1 : length;
}

function commonSuffix(one: string, other: string, most: number): number {
  const shorter = Math.min(one.length, other.length, most);
  let length = 0;
  while (length < shorter && one.charCodeAt(one.length - 1 - length) === other.charCodeAt(other.length - 1 - length)) {
    length += 1;
  }
  return cutsPair(one, one.length - length) || cutsPair(other, other.length - length) ? length - 1 : length;
}

function isEqual(one: RichTextPart | undefined, other: RichTextPart | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
