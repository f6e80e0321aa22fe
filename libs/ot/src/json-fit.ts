import { type as library } from 'ot-json1';
import { believedJson, type JsonComponent, type JsonDescent, type JsonOperation } from './json-operation.js';
import { childOf, measure, type Json } from './json-value.js';
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

/** A list is copied in one go, an object key by key. */
const ITEMS_OF_A_KEY = 32;

/** The library copies a list or an object for every key that an operation names in it; what is inserted makes it wider. */
export function copiesOf(content: Json, operation: JsonOperation): number {
  return operation === null ? 0 : copiesBelow(operation, content);
}

function copiesBelow(descent: JsonDescent, start: Json | undefined): number {
  let value = start;
  let copies = 0;
  let named = 0;
  for (const part of descent) {
    if (typeof part !== 'object') {
      copies += widthOf(value);
      value = childOf(value, part);
      named = 0;
    } else if (Array.isArray(part)) {
      copies += copiesBelow(part, value) + named;
      named += 1;
    }
  }
  return copies;
}

function widthOf(value: Json | undefined): number {
  if (value === undefined || value === null || typeof value !== 'object') return 1;
  const { width } = measure(value);
  return Array.isArray(value) ? 1 + width / ITEMS_OF_A_KEY : 1 + width;
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
