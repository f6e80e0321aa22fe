import type { AppError, Check, Outcome } from '@parley/contracts';
import type { Static, TSchema } from '@sinclair/typebox';

/** An error of the known set on its way to the one filter that writes it. */
export class RestError extends Error {
  constructor(readonly error: AppError) {
    super(error.message);
  }
}

export function unwrap<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new RestError(outcome.error);
  return outcome.value;
}

/** Parses once, at the edge: what fits its schema, or 400 with the field that does not. */
export function parse<T extends TSchema>(check: Check<T>, value: unknown): Static<T> {
  if (value === undefined) throw new RestError({ code: 'invalid', message: 'a JSON body is needed' });
  if (check.is(value)) return value;
  const { field, message } = check.explain(value);
  throw new RestError({ code: 'invalid', message: field === '' ? message : `${field}: ${message}`, field });
}

/** An id in a path: what can't be one names nothing. */
export function idOf<T extends TSchema>(check: Check<T>, value: string): Static<T> {
  if (check.is(value)) return value;
  throw new RestError({ code: 'not_found', message: 'not found' });
}

/** A number in a query; what is none is left to the schema to refuse. */
export function numberOf(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : Number(text);
}
