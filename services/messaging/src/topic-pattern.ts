/**
 * Sets of topics, as patterns draw them: `*` is any one token, a final `>` is one or more tokens. Rules know one token
 * more, `$*`: any first token that starts with `$`. Wildcards reach topics that start with `$` too, as they do on the bus.
 */
export type PatternTokens = readonly string[];

/** Topics have at most this many tokens, so `>` stands for finitely many lengths. */
export const MAX_TOKENS = 16;

/** Tokens of no real topic: what a wildcard stands for when no rule names it. */
const UNNAMED = '\u0000';
const UNNAMED_DOLLAR = '$\u0000';

export function tokensOf(pattern: string): PatternTokens {
  return pattern.split('.');
}

export function isConcrete(pattern: string): boolean {
  return !pattern.includes('*') && !pattern.endsWith('>');
}

export function matches(pattern: PatternTokens, topic: PatternTokens): boolean {
  const last = pattern.length - 1;
  const open = pattern[last] === '>';
  if (open ? topic.length < pattern.length : topic.length !== pattern.length) return false;
  const fixed = open ? last : pattern.length;
  for (let i = 0; i < fixed; i++) {
    if (!tokenMatches(pattern[i], topic[i])) return false;
  }
  return true;
}

function tokenMatches(token: string | undefined, actual: string | undefined): boolean {
  if (token === '*' || token === actual) return true;
  return token === '$*' && actual?.startsWith('$') === true;
}

/** The topics that both match: again one pattern, or undefined when there is none. */
export function intersect(a: PatternTokens, b: PatternTokens): PatternTokens | undefined {
  const common: string[] = [];
  for (let i = 0; ; i++) {
    const left = a[i];
    const right = b[i];
    if (left === undefined && right === undefined) return common;
    if (left === undefined || right === undefined) return undefined;
    // `>` needs at least one token, and the other side has one here.
    if (left === '>') return [...common, ...b.slice(i)];
    if (right === '>') return [...common, ...a.slice(i)];
    const token = commonToken(left, right);
    if (token === undefined) return undefined;
    common.push(token);
  }
}

function commonToken(a: string, b: string): string | undefined {
  if (a === b || b === '*') return a;
  if (a === '*') return b;
  if (a === '$*') return b.startsWith('$') ? b : undefined;
  return b === '$*' && a.startsWith('$') ? a : undefined;
}

/**
 * One topic per length, with tokens that no pattern names wherever the pattern leaves them open. Any pattern that
 * matches such a topic matches every topic of that length in the given pattern, which makes containment in a union of
 * patterns a question about a few topics. `longest`: tokens of the longest pattern that they are compared with, since
 * beyond it lengths are told apart by none.
 */
export function representatives(pattern: PatternTokens, longest: number): readonly PatternTokens[] {
  const open = pattern.at(-1) === '>';
  const fixed = (open ? pattern.slice(0, -1) : pattern).map(representative);
  if (!open) return [fixed];
  const topics: PatternTokens[] = [];
  const most = Math.max(fixed.length + 1, Math.min(longest + 1, MAX_TOKENS));
  for (let length = fixed.length + 1; length <= most; length++) {
    topics.push([...fixed, ...Array<string>(length - fixed.length).fill(UNNAMED)]);
  }
  return topics;
}

function representative(token: string): string {
  if (token === '*') return UNNAMED;
  return token === '$*' ? UNNAMED_DOLLAR : token;
}

/** Does every topic of `pattern` match one of the others? */
export function isCovered(pattern: PatternTokens, others: readonly PatternTokens[]): boolean {
  return representatives(pattern, longestOf(others)).every((topic) => others.some((other) => matches(other, topic)));
}

export function longestOf(patterns: readonly PatternTokens[]): number {
  return patterns.reduce((longest, { length }) => Math.max(longest, length), 0);
}

/**
 * Which of two patterns says more about a topic that both match: compared token by token from the left, a name says
 * more than `$*`, that more than `*`, that more than `>`. Two patterns that tie are the same pattern.
 */
export function bySpecificity(a: PatternTokens, b: PatternTokens): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = weight(b[i]) - weight(a[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function weight(token: string | undefined): number {
  switch (token) {
    case undefined:
      return 0;
    case '>':
      return 1;
    case '*':
      return 2;
    case '$*':
      return 3;
    default:
      return 4;
  }
}
