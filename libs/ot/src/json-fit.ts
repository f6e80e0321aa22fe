import { type as library } from 'ot-json1';
import { believedJson, type JsonComponent, type JsonDescent, type JsonOperation } from './json-operation.js';
import { childOf, type Json } from './json-value.js';
import { codePoints } from './text-content.js';
import { reachOf } from './text-operation.js';

/**
 * The library applies more than it should: it looks up inherited properties, deletes beyond the end of a text, adds to a
 * string. Where one side takes such an operation and another not, they part for good, so all of it is looked at before.
 */

/** What it picks up or removes has to be there. */
export function picksFit(operation: JsonDescent, content: Json): boolean {
  return everyPlace(operation, content, (component, value) =>
    component.p === undefined && component.r === undefined ? true : value !== undefined,
  );
}

/** `content`: once everything has been moved, inserted and removed. What is edited has to be there, of its type, and long enough. */
export function editsFit(operation: JsonDescent, content: Json): boolean {
  return everyPlace(operation, content, (component, value) => {
    if (component.es !== undefined) return typeof value === 'string' && reachOf(component.es) <= codePoints(value);
    if (component.ena === undefined) return true;
    return Number.isSafeInteger(value) && typeof value === 'number' && Number.isSafeInteger(value + component.ena);
  });
}

/** The operation without its edits. */
export function movesOf(operation: JsonOperation): JsonOperation {
  const writer = library.writeCursor();
  writer.mergeTree(operation, (component, place) => {
    if (component.p !== undefined) place.write('p', component.p);
    if (component.r !== undefined) place.write('r', true);
    if (component.d !== undefined) place.write('d', component.d);
    if (component.i !== undefined) place.write('i', component.i);
  });
  return believedJson(writer.get());
}

function everyPlace(
  descent: JsonDescent,
  start: Json | undefined,
  fits: (component: JsonComponent, value: Json | undefined) => boolean,
): boolean {
  let value = start;
  for (const part of descent) {
    if (typeof part !== 'object') value = childOf(value, part);
    else if (Array.isArray(part) ? !everyPlace(part, value, fits) : !fits(part, value)) return false;
  }
  return true;
}
