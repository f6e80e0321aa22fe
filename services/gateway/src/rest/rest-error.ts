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
