/** What reading one variable gave; `problem` completes the sentence "PARLEY_X: …" and holds no secret. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

export type Fallback<T> =
  { readonly kind: 'required' } | { readonly kind: 'optional' } | { readonly kind: 'default'; readonly value: T };

/** One environment variable: how it is read, what it is when unset, and what the generated table says about it. */
export interface Option<T> {
  readonly env: string;
  readonly doc: string;
  /** For people: `integer, 1 to 64`. */
  readonly type: string;
  readonly secret: boolean;
  /** A wrong value is repeated in the error. Not so for kinds that commonly carry a secret: URLs, JSON, lists. */
  readonly echo: boolean;
  readonly fallback: Fallback<T>;
  parse(text: string): Parsed<T>;
  /** The default as the table shows it. */
  show(value: T): string;
}

export interface BaseSpec {
  readonly env: string;
  readonly doc: string;
  /** Never echoed, neither in errors nor as a default. */
  readonly secret?: boolean;
}

/** How one kind of option reads and shows its values, whatever its name and fallback. */
export interface Rules<T> {
  readonly type: string;
  readonly echo?: boolean;
  parse(text: string): Parsed<T>;
  show?(value: T): string;
}

/** The three ways to define an option: with a default, optional (undefined when unset), or required. */
export interface OptionKind<T, Extra> {
  (spec: Extra & BaseSpec & { readonly default: T }): Option<T>;
  (spec: Extra & BaseSpec & { readonly optional: true }): Option<T | undefined>;
  (spec: Extra & BaseSpec): Option<T>;
}

export interface Fallbacks<T> {
  readonly default?: T;
  readonly optional?: boolean;
}

export function kindOf<T, Extra>(rulesFor: (spec: Extra) => Rules<T>): OptionKind<T, Extra> {
  function make(spec: Extra & BaseSpec & { readonly default: T }): Option<T>;
  function make(spec: Extra & BaseSpec & { readonly optional: true }): Option<T | undefined>;
  function make(spec: Extra & BaseSpec): Option<T>;
  function make(spec: Extra & BaseSpec & Fallbacks<T>): Option<T> {
    return build(spec, rulesFor(spec));
  }
  return make;
}

export function build<T>(spec: BaseSpec & Fallbacks<T>, rules: Rules<T>): Option<T> {
  return {
    env: spec.env,
    doc: spec.doc,
    type: rules.type,
    secret: spec.secret ?? false,
    echo: rules.echo ?? false,
    fallback: fallbackOf(spec),
    parse: (text) => rules.parse(text),
    show: (value) => rules.show?.(value) ?? String(value),
  };
}

function fallbackOf<T>(spec: Fallbacks<T>): Fallback<T> {
  if (spec.default !== undefined) return { kind: 'default', value: spec.default };
  return spec.optional === true ? { kind: 'optional' } : { kind: 'required' };
}
