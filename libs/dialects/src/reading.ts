import { compile } from '@parley/contracts';
import type { Static, TSchema } from '@sinclair/typebox';

/** `field` is the path of what was wrong; `frame` when there is no path to name. */
export interface Malformed {
  readonly kind: 'malformed';
  readonly field: string;
  readonly message: string;
}

/** The message's own bytes, for those readers that pass some of them on. */
export type Bytes = () => Uint8Array;
export type Reader<M> = (value: unknown, bytes: Bytes) => M | Malformed;

/** Checks what was parsed against its schema, once, and makes of it what the session handles. */
export function reader<T extends TSchema, M>(
  schema: T,
  finish: (frame: Static<T>, bytes: Bytes) => M | Malformed,
): Reader<M> {
  const check = compile(schema);
  return (value, bytes) => {
    if (check.is(value)) return finish(value, bytes);
    const { field, message } = check.explain(value);
    return malformed(field, message);
  };
}

export function same<M>(frame: M): M {
  return frame;
}

export function malformed(field: string, message: string): Malformed {
  return { kind: 'malformed', field, message };
}
