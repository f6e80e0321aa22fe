import { fail, ok, type Outcome } from '@parley/contracts';
import type { OperationalType } from './document-type.js';
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
  size: (content) => content.bytes,
};

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
  return { parts, ...sumOf(parts, 0, parts.length, 8) };
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

/** Comparing takes the product of length and difference; beyond this the middle is replaced as a whole. */
const MAX_COMPARED = 20_000;

function richTextDifference(before: RichTextContent, after: RichTextContent): RichTextPart[] {
  if (before.length + after.length <= MAX_COMPARED) return new Delta(before.parts).diff(new Delta(after.parts)).ops;
  const shorter = Math.min(before.parts.length, after.parts.length);
  let start = 0;
  while (start < shorter && isEqual(before.parts[start], after.parts[start])) start += 1;
  let end = 0;
  while (end < shorter - start && isEqual(before.parts.at(-1 - end), after.parts.at(-1 - end))) end += 1;
  const delta = new Delta().retain(sumOf(before.parts, 0, start, 0).length);
  for (const part of after.parts.slice(start, after.parts.length - end)) delta.push(part);
  delta.delete(sumOf(before.parts, start, before.parts.length - end, 0).length);
  return delta.chop().ops;
}

function isEqual(one: RichTextPart | undefined, other: RichTextPart | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
