import { fail, ok, type Outcome } from '@parley/contracts';

/** What JSON.parse makes, within the limits below. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Levels of arrays and objects, in content as well as in operations; all that walks them may recurse this far. */
export const MAX_DEPTH = 100;

/** Half of a surrogate pair: neither UTF-8 nor the canonical form can express it. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Names that every object inherits: the libraries take them for present where they are not. */
export function isReservedKey(key: string): boolean {
  return key in Object.prototype;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** A whole number from `min` to `max`, and not minus zero. */
export function isCount(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max && !Object.is(value, -0);
}

/**
 * Whether `value` is JSON that the documents can hold. The depth is bounded as it goes down, so that a value that is too
 * deep costs no more than its first hundred levels.
 */
export function checkJson(value: unknown, depth = 0): Outcome<Json, 'invalid'> {
  const problem = problemOf(value, depth, '');
  return problem === undefined && isJson(value)
    ? ok(value)
    : fail('invalid', problem?.message ?? 'is not JSON', problem === undefined ? {} : { field: problem.field });
}

interface Problem {
  readonly message: string;
  readonly field: string;
}

/** `checkJson` has looked at all of it; this only tells the compiler. */
function isJson(value: unknown): value is Json {
  return value !== undefined;
}

function problemOf(value: unknown, depth: number, field: string): Problem | undefined {
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : { message: 'is not a finite number', field };
  if (typeof value === 'string') return isWellFormed(value) ? undefined : { message: 'is not well-formed text', field };
  if (typeof value !== 'object') return { message: 'is not JSON', field };
  if (depth >= MAX_DEPTH) return { message: 'is nested too deeply', field: '' };
  return isList(value) ? problemInList(value, depth, field) : problemInRecord(value, depth, field);
}

function problemInList(list: readonly unknown[], depth: number, field: string): Problem | undefined {
  for (const [index, item] of list.entries()) {
    const problem = problemOf(item, depth + 1, inside(field, index));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function problemInRecord(record: object, depth: number, field: string): Problem | undefined {
  for (const [key, item] of Object.entries(record)) {
    if (isReservedKey(key) || !isWellFormed(key))
      return { message: 'has a key that is reserved or not well-formed', field };
    const problem = problemOf(item, depth + 1, inside(field, key));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Paths are for people; those of huge documents need not be whole. */
function inside(field: string, key: string | number): string {
  return field === '' ? String(key) : field.length > 200 ? field : `${field}.${key}`;
}

export interface Measure {
  readonly bytes: number;
  /** Levels of arrays and objects within, itself included; 0 for a scalar. */
  readonly depth: number;
  /** Items or keys, its own only. */
  readonly width: number;
}

/** Content never changes in place, so what is shared between versions is measured once. */
const measured = new WeakMap<object, Measure>();

export function measure(value: Json): Measure {
  if (value === null) return { bytes: 4, depth: 0, width: 0 };
  if (typeof value === 'string') return { bytes: bytesOfText(value), depth: 0, width: 0 };
  if (typeof value !== 'object') return { bytes: String(value).length, depth: 0, width: 0 };
  const known = measured.get(value);
  if (known !== undefined) return known;
  let bytes = 2;
  let depth = 0;
  let width = 0;
  const add = (item: Json, overhead: number): void => {
    const inner = measure(item);
    bytes += inner.bytes + overhead;
    width += 1;
    depth = Math.max(depth, inner.depth);
  };
  if (Array.isArray(value)) for (const item of value) add(item, 1);
  else for (const [key, item] of Object.entries(value)) add(item, bytesOfText(key) + 2);
  const result = { bytes, depth: depth + 1, width };
  measured.set(value, result);
  return result;
}

/** As JSON in UTF-8, the quotes included. Exact for well-formed text but for what is escaped beyond need. */
export function bytesOfText(text: string): number {
  let bytes = text.length + 2;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20) bytes += 5;
    else if (code === 0x22 || code === 0x5c) bytes += 1;
    else if (code >= 0x80) bytes += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2;
  }
  return bytes;
}

export function sameJson(one: Json, other: Json): boolean {
  if (one === other) return true;
  if (one === null || other === null || typeof one !== 'object' || typeof other !== 'object') return false;
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, at) => sameAt(item, other[at]));
  }
  if (Array.isArray(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => sameAt(one[key], other[key]));
}

function sameAt(one: Json | undefined, other: Json | undefined): boolean {
  return one !== undefined && other !== undefined && sameJson(one, other);
}

/** As a document's paths go: numbers lead into lists, strings into objects; undefined where there is nothing. */
export function childOf(value: Json | undefined, key: string | number): Json | undefined {
  if (value === undefined || value === null || typeof value !== 'object') return undefined;
  if (Array.isArray(value)) return typeof key === 'number' ? value[key] : undefined;
  return typeof key === 'string' && Object.hasOwn(value, key) ? value[key] : undefined;
}
