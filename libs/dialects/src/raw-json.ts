/**
 * Finds the exact bytes of a value inside JSON text, so that it can be passed on as it was written: no rounding of
 * numbers, no reordered keys. The text must have been accepted by JSON.parse before; on anything else the answer is
 * meaningless, but the scan still ends. Plain functions over positions, since this runs for every message.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const LAST_SPACE = 0x20;

const decoder = new TextDecoder();

/** The bytes of the member at this path of keys, as JSON.parse would see it: of duplicate keys the last one counts. */
export function rawMember(json: Uint8Array, path: readonly string[]): Uint8Array | undefined {
  const found: Span = { start: -1, end: -1 };
  search(json, skipSpace(json, 0), path, 0, found);
  return found.start < 0 ? undefined : json.subarray(found.start, found.end);
}

/** The bytes of each element of an array, in order; undefined when the text is no array. */
export function rawElements(json: Uint8Array): readonly Uint8Array[] | undefined {
  let at = skipSpace(json, 0);
  if (json[at] !== OPEN_ARRAY) return undefined;
  const elements: Uint8Array[] = [];
  at = skipSpace(json, at + 1);
  while (at < json.length && json[at] !== CLOSE_ARRAY) {
    if (json[at] === COMMA) {
      at = skipSpace(json, at + 1);
      continue;
    }
    const end = skipValue(json, at);
    elements.push(json.subarray(at, end));
    at = skipSpace(json, end);
  }
  return elements;
}

interface Span {
  start: number;
  end: number;
}

/**
 * Looks for the rest of the path in the value at `at` and returns the position behind that value, in one pass. Recursion
 * is as deep as the path is long, never as deep as the text is nested.
 */
function search(json: Uint8Array, from: number, path: readonly string[], level: number, found: Span): number {
  const key = path[level];
  found.start = -1;
  if (key === undefined) {
    found.start = from;
    found.end = skipValue(json, from);
    return found.end;
  }
  if (json[from] !== OPEN_OBJECT) return skipValue(json, from);
  let at = from + 1;
  while (at < json.length) {
    const byte = json[at];
    if (byte === CLOSE_OBJECT) return at + 1;
    if (byte !== QUOTE) {
      at++; // a comma, or space
      continue;
    }
    const keyEnd = skipString(json, at);
    const isKey = isSameKey(json, at, keyEnd, key);
    const value = skipSpace(json, skipSpace(json, keyEnd) + 1);
    at = isKey ? search(json, value, path, level + 1, found) : skipValue(json, value);
  }
  return at;
}

/** An escaped key is the same key. */
function isSameKey(json: Uint8Array, start: number, end: number, key: string): boolean {
  const length = end - start - 2;
  for (let i = 0; i < length; i++) {
    const byte = json[start + 1 + i] ?? 0;
    // Escaped, or beyond ASCII: rare, so there let the platform read it.
    if (byte === BACKSLASH || byte > 0x7f) return parsed(json.subarray(start, end)) === key;
    if (byte !== key.charCodeAt(i)) return false;
  }
  return length === key.length;
}

function skipSpace(json: Uint8Array, from: number): number {
  let at = from;
  while ((json[at] ?? QUOTE) <= LAST_SPACE) at++;
  return at;
}

/** From a value's first byte to the position behind it; always further than it began. */
function skipValue(json: Uint8Array, from: number): number {
  const byte = json[from];
  if (byte === QUOTE) return skipString(json, from);
  if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) return skipNested(json, from);
  let at = from + 1;
  for (; at < json.length; at++) {
    const next = json[at] ?? 0;
    if (next === COMMA || next === CLOSE_OBJECT || next === CLOSE_ARRAY || next <= LAST_SPACE) break;
  }
  return at;
}

function skipString(json: Uint8Array, from: number): number {
  for (let at = from + 1; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
  }
  return json.length;
}

function skipNested(json: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) {
      at = skipString(json, at) - 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth++;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return json.length;
}

function parsed(quoted: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(quoted));
  } catch {
    return undefined;
  }
}
