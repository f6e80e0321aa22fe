/**
 * Finds the exact bytes of a value inside JSON text, so that it can be passed on as it was written: no rounding of
 * numbers, no reordered keys. The text must have been accepted by JSON.parse before; on anything else the answer is
 * meaningless, but the scan still ends.
 */
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

const decoder = new TextDecoder();

/** The bytes of the member at this path of keys, as JSON.parse would see it: of duplicate keys the last one counts. */
export function rawMember(json: Uint8Array, path: readonly string[]): Uint8Array | undefined {
  return search(new Scanner(json), path, 0);
}

/** The bytes of each element of an array, in order; undefined when the text is no array. */
export function rawElements(json: Uint8Array): readonly Uint8Array[] | undefined {
  const scanner = new Scanner(json);
  scanner.skipSpace();
  if (scanner.byte() !== OPEN_ARRAY) return undefined;
  scanner.at++;
  const elements: Uint8Array[] = [];
  while (!scanner.ended()) {
    scanner.skipSpace();
    if (scanner.byte() === CLOSE_ARRAY) break;
    if (scanner.byte() === COMMA) scanner.at++;
    else elements.push(scanner.takeValue());
  }
  return elements;
}

/** Recursion is as deep as the path is long, never as deep as the text is nested. */
function search(scanner: Scanner, path: readonly string[], level: number): Uint8Array | undefined {
  const key = path[level];
  scanner.skipSpace();
  if (key === undefined) return scanner.takeValue();
  if (scanner.byte() !== OPEN_OBJECT) {
    scanner.takeValue();
    return undefined;
  }
  scanner.at++;
  let found: Uint8Array | undefined;
  while (!scanner.ended()) {
    scanner.skipSpace();
    const byte = scanner.byte();
    if (byte === CLOSE_OBJECT || byte === COMMA) {
      scanner.at++;
      if (byte === CLOSE_OBJECT) break;
      continue;
    }
    const isKey = scanner.takeKey(key);
    scanner.skipSpace();
    scanner.at++; // the colon
    if (isKey) found = search(scanner, path, level + 1);
    else scanner.skipValue();
  }
  return found;
}

class Scanner {
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  ended(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number | undefined {
    return this.bytes[this.at];
  }

  skipSpace(): void {
    for (;;) {
      const byte = this.bytes[this.at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.at++;
    }
  }

  takeValue(): Uint8Array {
    this.skipSpace();
    const start = this.at;
    this.skipValue();
    return this.bytes.subarray(start, this.at);
  }

  skipValue(): void {
    this.skipSpace();
    const byte = this.bytes[this.at];
    if (byte === QUOTE) this.skipString();
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.skipNested();
    else this.skipScalar();
  }

  /** Passes the key under the cursor; was it this one? An escaped key is the same key. */
  takeKey(key: string): boolean {
    const start = this.at;
    this.skipString();
    const end = this.at - 1;
    for (let i = start + 1; i < end; i++) {
      const byte = this.bytes[i];
      // Escaped, or beyond ASCII: rare, so there let the platform read it.
      if (byte === BACKSLASH || (byte ?? 0) > 0x7f) return parsed(this.bytes.subarray(start, this.at)) === key;
      if (byte !== key.charCodeAt(i - start - 1)) return false;
    }
    return end - start - 1 === key.length;
  }

  private skipString(): void {
    this.at++;
    while (this.at < this.bytes.length) {
      const byte = this.bytes[this.at];
      this.at += byte === BACKSLASH ? 2 : 1;
      if (byte === QUOTE) return;
    }
  }

  private skipNested(): void {
    let depth = 0;
    while (this.at < this.bytes.length) {
      const byte = this.bytes[this.at];
      if (byte === QUOTE) {
        this.skipString();
        continue;
      }
      this.at++;
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
      else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) return;
    }
  }

  private skipScalar(): void {
    const start = this.at;
    while (this.at < this.bytes.length) {
      const byte = this.bytes[this.at];
      if (byte === undefined || byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || byte <= 0x20) break;
      this.at++;
    }
    // Text that is no JSON: go on anyhow, or the caller would wait here for ever.
    if (this.at === start) this.at++;
  }
}

function parsed(quoted: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(quoted));
  } catch {
    return undefined;
  }
}
