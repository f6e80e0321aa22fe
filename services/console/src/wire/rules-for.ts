import type { SpecRule, SpecRules } from '../../rules/spec-rules.js';
import type { Direction, WireDialect } from './wire-frame.js';

/** What a frame of each dialect is made of, whatever its type; chat has no such rule for what its server sends. */
export const FORMAT: Readonly<Record<WireDialect, Readonly<Record<Direction, string | undefined>>>> = {
  chat: { out: 'UP1', in: undefined },
  topics: { out: 'UP1', in: 'DN8' },
  collab: { out: 'UP1', in: 'DN1' },
  watch: { out: 'FM1', in: 'FM1' },
  party: { out: 'FM1', in: 'FM1' },
};

const MOST = 4;

/** The rules that a frame follows: those that name its type, the ones that are about it first; and that of its form. */
export function rulesFor(
  rules: SpecRules,
  dialect: WireDialect,
  direction: Direction,
  type: string,
): readonly SpecRule[] {
  const all = rules[dialect];
  const weighed = all
    .map((rule) => ({ rule, weight: weightOf(rule, direction, type) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST);
  // Those that only mention it are left out where others are about it.
  const least = (weighed[0]?.weight ?? 0) / 3;
  const naming = weighed.filter(({ weight }) => weight >= least).map(({ rule }) => rule);
  const format = all.find(({ id }) => id === FORMAT[dialect][direction]);
  return format === undefined || naming.includes(format) ? naming : [...naming, format];
}

/** 0: does not speak of it. */
function weightOf({ text, section }: SpecRule, direction: Direction, type: string): number {
  if (type === 'binary') return section === 'Binary frames' ? 1 : 0;
  const at = placeOf(text, type);
  if (at === undefined) return 0;
  const answers = text.search(/\banswers?\b|\banswered\b/);
  // "`Ping` answers `Pong`": what is before the word is sent to the server, what is behind it comes back.
  const asks = answers >= 0 && at < answers;
  const fits = answers < 0 ? sectionFits(section, direction) : asks === (direction === 'out');
  // How it is resumed is of interest after what it is.
  return 1 + (fits ? 4 : 0) + (at <= 2 ? 2 : 0) - (section === 'Recovery' ? 3 : 0);
}

function sectionFits(section: string, direction: Direction): boolean {
  if (section === 'Client to server') return direction === 'out';
  if (section === 'Server to client') return direction === 'in';
  return true;
}

/** Where a rule first names a type: in code, alone or with fields behind it; chat's opcodes also without. */
function placeOf(text: string, type: string): number | undefined {
  if (type.startsWith('X-')) return indexIn(text, '`X-…`');
  if (!/^[A-Za-z_-]+$/.test(type)) return undefined;
  const name = new RegExp(String.raw`\x60${type}(?![A-Za-z_-])|(?<![\x60A-Za-z_-])${type}(?![A-Za-z_-])`);
  const shouted = /^[A-Z_]+$/.test(type);
  const at = text.search(shouted ? name : new RegExp(String.raw`\x60${type}(?![A-Za-z_-])`));
  return at < 0 ? undefined : at;
}

function indexIn(text: string, part: string): number | undefined {
  const at = text.indexOf(part);
  return at < 0 ? undefined : at;
}
