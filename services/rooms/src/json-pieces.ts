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
  let text = '';
  for (let value = json; ;) {
    if (typeof value === 'string' && value.length > PIECE) {
      yield text;
      text = '';
      yield* stringPieces(value);
    } else if (isList(value)) {
      levels.push({ list: value, record: {}, keys: undefined, size: value.length, next: 0 });
      text += '[';
    } else if (isRecord(value)) {
      const keys = canonical ? yield* sortedKeys(value) : Object.keys(value);
      levels.push({ list: [], record: value, keys, size: keys.length, next: 0 });
      text += '{';
    } else {
      text += JSON.stringify(value);
    }
    text += endsOf(levels);
    const level = levels.at(-1);
    if (level === undefined) break;
    const key = level.keys?.[level.next];
    if (level.next > 0) text += ',';
    if (key !== undefined) text += `${JSON.stringify(key)}:`;
    value = key === undefined ? level.list[level.next] : level.record[key];
    level.next++;
    if (text.length > PIECE) {
      yield text;
      text = '';
    }
  }
  yield text;
}

/** Closes all that are complete. */
function endsOf(levels: Level[]): string {
  let text = '';
  for (let last = levels.at(-1); last !== undefined && last.next === last.size; last = levels.at(-1)) {
    text += last.keys === undefined ? ']' : '}';
    levels.pop();
  }
  return text;
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
