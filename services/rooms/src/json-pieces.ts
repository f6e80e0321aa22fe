/** In UTF-16 units, about: what is done between two pieces takes well below a millisecond. */
const PIECE = 16 * 1_024;
/** Keys that are put in order in one go. */
const KEYS = 4_096;

type Pieces<R = void> = Generator<string, R, void>;
type JsonRecord = Readonly<Record<string, unknown>>;

/** A list or an object that is being written; a list has no keys. */
interface Level {
  readonly list: readonly unknown[];
  readonly record: JsonRecord;
  readonly keys: readonly string[] | undefined;
  readonly size: number;
  next: number;
}

/**
 * JSON text piece by piece, so that who takes the pieces can pause between any two of them; some are empty. `canonical`: the
 * one text of RFC 8785, otherwise what JSON.stringify gives. Only for what JSON.parse can make.
 */
export function* jsonPieces(json: unknown, canonical: boolean): Pieces {
  const levels: Level[] = [];
  const piece = new Piece();
  for (let value = json; ;) {
    if (typeof value === 'string' && value.length > PIECE) {
      yield piece.take();
      yield* stringPieces(value);
    } else if (isList(value)) {
      levels.push({ list: value, record: {}, keys: undefined, size: value.length, next: 0 });
      piece.add('[');
    } else if (isRecord(value)) {
      const keys = canonical ? yield* sortedKeys(value) : Object.keys(value);
      levels.push({ list: [], record: value, keys, size: keys.length, next: 0 });
      piece.add('{');
    } else {
      piece.add(JSON.stringify(value));
    }
    const level = open(levels, piece);
    if (level === undefined) break;
    const key = level.keys?.[level.next];
    if (level.next > 0) piece.add(',');
    if (key !== undefined) piece.add(JSON.stringify(key), ':');
    value = key === undefined ? level.list[level.next] : level.record[key];
    level.next++;
    if (piece.length > PIECE) yield piece.take();
  }
  yield piece.take();
}

/** Closes all that are complete. Answers what goes on. */
function open(levels: Level[], piece: Piece): Level | undefined {
  for (let last = levels.at(-1); last !== undefined && last.next === last.size; last = levels.at(-1)) {
    piece.add(last.keys === undefined ? ']' : '}');
    levels.pop();
  }
  return levels.at(-1);
}

/** Joined at once: strings that are added up one by one are put together only later, all at the same time. */
class Piece {
  length = 0;
  #parts: string[] = [];

  add(...parts: readonly string[]): void {
    for (const part of parts) {
      this.#parts.push(part);
      this.length += part.length;
    }
  }

  take(): string {
    const text = this.#parts.join('');
    this.#parts = [];
    this.length = 0;
    return text;
  }
}

function* stringPieces(text: string): Pieces {
  yield '"';
  for (let start = 0; start < text.length;) {
    // Halves of a pair would be escaped by themselves.
    const isCut = isHighSurrogate(text.charCodeAt(start + PIECE - 1));
    const end = start + PIECE + (isCut ? 1 : 0);
    yield JSON.stringify(text.slice(start, end)).slice(1, -1);
    start = end;
  }
  yield '"';
}

/** By UTF-16 units, as RFC 8785 has it. */
function* sortedKeys(record: JsonRecord): Pieces<readonly string[]> {
  const keys = Object.keys(record);
  if (keys.length <= KEYS) return keys.sort();
  let runs: (readonly string[])[] = [];
  for (let from = 0; from < keys.length; from += KEYS) {
    runs.push(keys.slice(from, from + KEYS).sort());
    yield '';
  }
  while (runs.length > 1) {
    const longer: (readonly string[])[] = [];
    for (let at = 0; at < runs.length; at += 2) longer.push(yield* merged(runs[at] ?? [], runs[at + 1] ?? []));
    runs = longer;
  }
  return runs[0] ?? [];
}

function* merged(one: readonly string[], other: readonly string[]): Pieces<readonly string[]> {
  const all: string[] = [];
  let [left, right] = [0, 0];
  for (;;) {
    const [first, second] = [one[left], other[right]];
    if (first !== undefined && (second === undefined || first < second)) {
      all.push(first);
      left++;
    } else if (second !== undefined) {
      all.push(second);
      right++;
    } else {
      return all;
    }
    if (all.length % KEYS === 0) yield '';
  }
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}
