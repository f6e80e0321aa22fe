import type { Static, TSchema } from '@sinclair/typebox';
import { TypeCompiler, type ValueErrorIterator } from '@sinclair/typebox/compiler';

/** A schema compiled once; `is` is a type guard, `explain` is asked only after it said no. */
export interface Check<T extends TSchema> {
  is(value: unknown): value is Static<T>;
  /** The first thing that is wrong, its path dotted: `{ field: 'data.topics.0', message: '…' }`. */
  explain(value: unknown): { readonly field: string; readonly message: string };
}

export function compile<T extends TSchema>(schema: T): Check<T> {
  const compiled = TypeCompiler.Compile(schema);
  return {
    is: (value): value is Static<T> => compiled.Check(value),
    explain: (value) => firstError(compiled.Errors(value)),
  };
}

function firstError(errors: ValueErrorIterator): { field: string; message: string } {
  const first = errors.First();
  if (first === undefined) return { field: '', message: 'does not fit its schema' };
  // A union reports only "expected union value" at its own path; the branch that got furthest says more.
  let deepest = first;
  for (const branch of first.errors) {
    const inner = branch.First();
    if (inner !== undefined && inner.path.length > deepest.path.length) deepest = inner;
  }
  return { field: deepest.path.slice(1).replaceAll('/', '.'), message: deepest.message };
}
