/**
 * What a frame should look like. A literal stands for itself, an object for one that has at least these members, an array
 * for one of the same length, a function for whatever it says yes to. `undefined` as a member: must be absent.
 */
export type Pattern =
  | string
  | number
  | boolean
  | null
  | undefined
  | ((value: unknown) => boolean)
  | readonly Pattern[]
  | { readonly [member: string]: Pattern };

export interface MatchOptions {
  /** Objects may have no members but those of the pattern. */
  readonly exact?: boolean;
}

/** The first difference, with its path; undefined when it matches. */
export function difference(
  pattern: Pattern,
  value: unknown,
  options: MatchOptions = {},
  path = '',
): string | undefined {
  const here = path === '' ? 'the frame' : path;
  if (typeof pattern === 'function') {
    return pattern(value) ? undefined : `${here} is ${show(value)}, expected ${nameOf(pattern)}`;
  }
  if (pattern === undefined || pattern === null || typeof pattern !== 'object') {
    return Object.is(pattern, value) ? undefined : `${here} is ${show(value)}, expected ${show(pattern)}`;
  }
  if (isList(pattern)) {
    if (!Array.isArray(value)) return `${here} is ${show(value)}, expected a list`;
    if (value.length !== pattern.length) {
      return `${here} has ${value.length} elements, expected ${pattern.length}: ${show(value)}`;
    }
    return first(pattern.map((inner, index) => difference(inner, value[index], options, join(path, String(index)))));
  }
  if (!isRecord(value)) return `${here} is ${show(value)}, expected an object`;
  const differing = first(
    Object.entries(pattern).map(([member, inner]) => difference(inner, value[member], options, join(path, member))),
  );
  if (differing !== undefined || options.exact !== true) return differing;
  const stray = Object.keys(value).find((member) => !Object.hasOwn(pattern, member));
  return stray === undefined ? undefined : `${join(path, stray)} is ${show(value[stray])}, expected nothing`;
}

export function matches(pattern: Pattern, value: unknown): boolean {
  return difference(pattern, value) === undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What lies at `data.details.topics`; list elements by number. Undefined where the path ends early. */
export function at(value: unknown, path: string): unknown {
  let here = value;
  for (const member of path.split('.')) {
    if (Array.isArray(here)) here = here[Number(member)];
    else if (isRecord(here)) here = here[member];
    else return undefined;
  }
  return here;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function aUuid(value: unknown): boolean {
  return typeof value === 'string' && UUID.test(value);
}

export function aString(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

export function anInteger(value: unknown): boolean {
  return Number.isSafeInteger(value);
}

/** Milliseconds since 1970, of about now: seconds or microseconds would be far off. */
export function aTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value - Date.now()) < 86_400_000;
}

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** ISO 8601, UTC, of about now. */
export function anIsoTime(value: unknown): boolean {
  return typeof value === 'string' && ISO.test(value) && Math.abs(Date.parse(value) - Date.now()) < 86_400_000;
}

export function anything(value: unknown): boolean {
  return value !== undefined;
}

/** What an `RTCPeerConnection` takes as `iceServers`. */
export function iceServers(value: unknown): boolean {
  return (
    Array.isArray(value) && value.every((one) => typeof at(one, 'urls') === 'string' || Array.isArray(at(one, 'urls')))
  );
}

/** The pattern, or nothing at all. */
export function optional(pattern: Pattern): Pattern {
  return named(`${nameOf(pattern)} or nothing`, (value) => value === undefined || matches(pattern, value));
}

export function oneOf(...patterns: readonly Pattern[]): Pattern {
  return named(patterns.map(nameOf).join(' or '), (value) => patterns.some((pattern) => matches(pattern, value)));
}

export function named(name: string, check: (value: unknown) => boolean): (value: unknown) => boolean {
  Object.defineProperty(check, 'name', { value: name });
  return check;
}

function nameOf(pattern: Pattern): string {
  return typeof pattern === 'function' ? pattern.name : show(pattern);
}

function isList(pattern: Pattern): pattern is readonly Pattern[] {
  return Array.isArray(pattern);
}

function first(differences: readonly (string | undefined)[]): string | undefined {
  return differences.find((one) => one !== undefined);
}

function join(path: string, member: string): string {
  return path === '' ? member : `${path}.${member}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'function' ? `<${inner.name}>` : inner));
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
