import type { Static, TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import { build, kindOf, type BaseSpec, type Fallbacks, type Option, type Parsed, type Rules } from './option.js';

interface RangeSpec {
  readonly min?: number;
  readonly max?: number;
}

interface StringSpec {
  readonly minLength?: number;
  readonly maxLength?: number;
}

interface UrlSpec {
  /** With their colon: `['postgres:']`. */
  readonly protocols: readonly string[];
}

const string = kindOf<string, StringSpec>((spec) => ({ ...stringRules('text', spec), echo: true }));

/** Text that is never shown anywhere. */
const secret = kindOf<string, StringSpec>((spec) => ({ ...stringRules('secret', spec), show: () => hidden }));

const integer = kindOf<number, RangeSpec>((spec) => numberRules('an integer', /^[+-]?\d{1,15}$/, spec));
const number = kindOf<number, RangeSpec>((spec) =>
  numberRules('a number', /^[+-]?(\d{1,15}(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i, spec),
);

const boolean = kindOf<boolean, object>(() => ({
  type: 'boolean (1, true, yes, on or 0, false, no, off)',
  echo: true,
  parse(text) {
    const word = text.toLowerCase();
    if (['1', 'true', 'yes', 'on'].includes(word)) return { ok: true, value: true };
    if (['0', 'false', 'no', 'off'].includes(word)) return { ok: true, value: false };
    return { ok: false, problem: 'expected true or false' };
  },
}));

/** Comma-separated; blanks around items and empty items are dropped. */
const list = kindOf<readonly string[], { readonly maxItems?: number }>((spec) => ({
  type: 'comma-separated list',
  parse(text) {
    const items = text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    const most = spec.maxItems ?? 1_000;
    return items.length > most ? { ok: false, problem: `expected at most ${most} items` } : { ok: true, value: items };
  },
  show: (items) => items.join(','),
}));

/** Kept as text, since drivers read it themselves. A password inside is hidden. */
const url = kindOf<string, UrlSpec>((spec) => ({
  type: `URL (${spec.protocols.map((protocol) => `${protocol}//`).join(', ')})`,
  parse(text) {
    const parsed = parseUrl(text);
    // No echo: a URL that does not parse may still hold a password.
    if (parsed === undefined) return { ok: false, problem: 'expected a URL' };
    if (!spec.protocols.includes(parsed.protocol)) {
      return { ok: false, problem: `expected a URL that starts with ${spec.protocols.join(' or ')}` };
    }
    return { ok: true, value: text };
  },
  show: withoutPassword,
}));

function choice<const C extends string>(spec: ChoiceSpec<C> & { readonly default: NoInfer<C> }): Option<C>;
function choice<const C extends string>(spec: ChoiceSpec<C> & { readonly optional: true }): Option<C | undefined>;
function choice<const C extends string>(spec: ChoiceSpec<C>): Option<C>;
function choice<const C extends string>(spec: ChoiceSpec<C> & Fallbacks<C>): Option<C> {
  return build<C>(spec, {
    type: `one of ${spec.choices.join(', ')}`,
    echo: true,
    parse(text) {
      const found = spec.choices.find((candidate) => candidate === text);
      return found === undefined
        ? { ok: false, problem: `expected one of ${spec.choices.join(', ')}` }
        : { ok: true, value: found };
    },
  });
}

interface ChoiceSpec<C extends string> extends BaseSpec {
  readonly choices: readonly C[];
}

function json<S extends TSchema>(spec: JsonSpec<S> & { readonly default: Static<NoInfer<S>> }): Option<Static<S>>;
function json<S extends TSchema>(spec: JsonSpec<S> & { readonly optional: true }): Option<Static<S> | undefined>;
function json<S extends TSchema>(spec: JsonSpec<S>): Option<Static<S>>;
function json<S extends TSchema>(spec: JsonSpec<S> & Fallbacks<Static<S>>): Option<Static<S>> {
  return build<Static<S>>(spec, {
    type: 'JSON',
    parse: jsonParser(spec.schema),
    show: (value) => JSON.stringify(value),
  });
}

interface JsonSpec<S extends TSchema> extends BaseSpec {
  readonly schema: S;
}

/** Each takes `env`, `doc`, and one of `default`, `optional: true` or neither, which makes it required. */
export const option = { string, secret, integer, number, boolean, choice, list, url, json } as const;

export const hidden = '(hidden)';

function stringRules(type: string, spec: StringSpec): Rules<string> {
  const min = spec.minLength ?? 1;
  const max = spec.maxLength ?? 65_536;
  return {
    type,
    parse: (text) =>
      text.length < min || text.length > max
        ? { ok: false, problem: `expected ${min} to ${max} characters` }
        : { ok: true, value: text },
  };
}

function numberRules(noun: string, form: RegExp, spec: RangeSpec): Rules<number> {
  const range = rangeText(spec);
  return {
    type: noun.replace(/^an? /, '') + (range === '' ? '' : `, ${range}`),
    echo: true,
    parse(text) {
      const value = Number(text);
      const inRange = value >= (spec.min ?? -Infinity) && value <= (spec.max ?? Infinity);
      if (form.test(text) && inRange) return { ok: true, value };
      return { ok: false, problem: `expected ${noun}${range === '' ? '' : `, ${range}`}` };
    },
  };
}

function rangeText({ min, max }: RangeSpec): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  if (min !== undefined) return `${min} or more`;
  return max === undefined ? '' : `${max} or less`;
}

function jsonParser<S extends TSchema>(schema: S): (text: string) => Parsed<Static<S>> {
  const check = TypeCompiler.Compile(schema);
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // The parser's own message quotes the text, which may hold a secret.
      return { ok: false, problem: 'expected JSON' };
    }
    if (check.Check(value)) return { ok: true, value };
    const first = check.Errors(value).First();
    const path = first === undefined || first.path === '' ? '' : ` at ${first.path}`;
    return { ok: false, problem: `does not fit its schema${path}: ${first?.message ?? 'unknown'}` };
  };
}

function withoutPassword(text: string): string {
  const parsed = parseUrl(text);
  if (parsed === undefined || parsed.password === '') return text;
  return text.replace(`:${parsed.password}@`, ':***@');
}

function parseUrl(text: string): URL | undefined {
  // Not URL.parse, which Node 20 gained late.
  return URL.canParse(text) ? new URL(text) : undefined;
}
