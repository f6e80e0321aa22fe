import { hidden } from './kinds.js';
import type { Option } from './option.js';

export type OptionDefinitions = Readonly<Record<string, Option<unknown>>>;

/** The values of a set of options, typed by their definitions. */
export type Options<D extends OptionDefinitions> = {
  readonly [K in keyof D]: D[K] extends Option<infer T> ? T : never;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every problem of the environment at once, one per line. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';

  constructor(readonly problems: readonly string[]) {
    super(`bad configuration\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/** Checks what a person can get wrong in a definition: a misspelt or doubled variable, a missing doc. */
export function defineOptions<const D extends OptionDefinitions>(definitions: D): D {
  const seen = new Set<string>();
  for (const [name, { env, doc }] of Object.entries(definitions)) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(env)) throw new Error(`option ${name}: "${env}" is no variable name`);
    if (seen.has(env)) throw new Error(`option ${name}: ${env} is defined twice`);
    if (doc.trim() === '') throw new Error(`option ${name}: ${env} has no doc`);
    seen.add(env);
  }
  return definitions;
}

/**
 * Reads each option once. An empty variable counts as unset, since Helm and Compose write those.
 * Throws `OptionsError` with every problem; its text holds no secret.
 */
export function loadOptions<D extends OptionDefinitions>(definitions: D, env: Environment): Options<D> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(definitions)) {
    const parsed = readOption(option, env[option.env]);
    if (parsed.ok) values[name] = parsed.value;
    else problems.push(`${option.env}: ${parsed.problem}`);
  }
  const loaded: unknown = Object.freeze(values);
  if (problems.length > 0 || !isComplete(definitions, loaded)) throw new OptionsError(problems);
  return loaded;
}

function readOption(option: Option<unknown>, text: string | undefined): ReturnType<Option<unknown>['parse']> {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') {
    const { fallback } = option;
    if (fallback.kind === 'required') return { ok: false, problem: `is required (${option.type}). ${option.doc}` };
    return { ok: true, value: fallback.kind === 'default' ? fallback.value : undefined };
  }
  const parsed = option.parse(trimmed);
  if (parsed.ok || option.secret || !option.echo) return parsed;
  return { ok: false, problem: `${parsed.problem}, got ${quote(trimmed)}` };
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** What the loop above built: one parsed value per definition, which the compiler cannot follow. */
function isComplete<D extends OptionDefinitions>(definitions: D, values: unknown): values is Options<D> {
  return typeof values === 'object' && values !== null && Object.keys(definitions).every((name) => name in values);
}

export interface OptionRow {
  readonly env: string;
  readonly type: string;
  /** `(required)`, `(none)`, or the value as one would write it. */
  readonly default: string;
  readonly doc: string;
}

/** Rows of the generated table, in the order of definition. */
export function describeOptions(definitions: OptionDefinitions): readonly OptionRow[] {
  return Object.values(definitions).map((option) => ({
    env: option.env,
    type: option.type,
    default: showDefault(option),
    doc: option.doc,
  }));
}

function showDefault(option: Option<unknown>): string {
  const { fallback } = option;
  if (fallback.kind === 'required') return '(required)';
  if (fallback.kind === 'optional') return '(none)';
  return option.secret ? hidden : option.show(fallback.value);
}
