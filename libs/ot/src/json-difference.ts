import { type as library } from 'ot-json1';
import { believedJson, MAX_PARTS, partsOfJson, type JsonOperation } from './json-operation.js';
import { sameJson, type Json } from './json-value.js';
import { textDifference } from './text-operation.js';

type Writer = ReturnType<typeof library.writeCursor>;

/**
 * Goes down where both have the same keys; of lists, what they have in common at both ends stays. Where that makes more than
 * one operation can be, all is replaced.
 */
export function jsonDifference(before: Json, after: Json): JsonOperation {
  const writer = library.writeCursor();
  write(writer, before, after);
  const difference = believedJson(writer.get());
  // Each key and each component may have a list around it.
  return 2 * partsOfJson(difference) <= MAX_PARTS ? difference : [{ r: true, i: after }];
}

function write(writer: Writer, before: Json, after: Json): void {
  if (sameJson(before, after)) return;
  if (typeof before === 'string' && typeof after === 'string') writer.write('es', textDifference(before, after));
  else if (Array.isArray(before) && Array.isArray(after)) writeList(writer, before, after);
  else if (isObject(before) && isObject(after)) writeObject(writer, before, after);
  else {
    writer.write('r', true);
    writer.write('i', after);
  }
}

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function writeObject(writer: Writer, before: Record<string, Json>, after: Record<string, Json>): void {
  // The library wants keys in order.
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    writeAt(writer, key, before[key], after[key]);
  }
}

function writeList(writer: Writer, before: Json[], after: Json[]): void {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && same(before[start], after[start])) start += 1;
  let end = 0;
  while (end < shorter - start && same(before.at(-1 - end), after.at(-1 - end))) end += 1;
  const longer = Math.max(before.length, after.length) - end;
  for (let index = start; index < longer; index += 1) {
    const old = index < before.length - end ? before[index] : undefined;
    const now = index < after.length - end ? after[index] : undefined;
    writeAt(writer, index, old, now);
  }
}

function writeAt(writer: Writer, key: string | number, before: Json | undefined, after: Json | undefined): void {
  writer.descend(key);
  if (before === undefined && after !== undefined) writer.write('i', after);
  else if (before !== undefined && after === undefined) writer.write('r', true);
  else if (before !== undefined && after !== undefined) write(writer, before, after);
  writer.ascend();
}

function same(one: Json | undefined, other: Json | undefined): boolean {
  return one !== undefined && other !== undefined && sameJson(one, other);
}
