import type { Outcome } from '@parley/contracts';

/** Of two operations made on the same version, whose effect comes first where both would fit: the one applied first is `left`. */
export type Side = 'left' | 'right';

/**
 * One type of document as pure functions. `C` is its content as it lies in memory, `O` an operation. Content and operations
 * are plain JSON outside; they enter through `parseContent` and `parseOperation`, and what has entered is believed. Nothing
 * here changes its arguments.
 *
 * Convergence: for `a` and `b` made on `c`, `apply(apply(c, a), transform(b, a, 'right'))` equals
 * `apply(apply(c, b), transform(a, b, 'left'))`.
 *
 * `transform`, `compose`, `invert` and `difference` may throw for operations that cannot be brought together; the two
 * documents of this package turn that into a refusal before anything has changed.
 */
export interface OperationalType<C, O> {
  readonly name: string;
  /** `invalid` names what does not fit; hostile input (deep, huge, cyclic counts) is refused before it costs anything. */
  parseContent(json: unknown): Outcome<C, 'invalid'>;
  parseOperation(json: unknown): Outcome<O, 'invalid'>;
  contentToJson(content: C): unknown;
  operationToJson(operation: O): unknown;
  /** `invalid`: a well-formed operation that does not fit this content, such as a deletion beyond its end. */
  apply(content: C, operation: O): Outcome<C, 'invalid'>;
  /** `operation` as it has to be once `other` has been applied before it. */
  transform(operation: O, other: O, side: Side): O;
  /** One operation that does what both do, one after the other. */
  compose(first: O, second: O): O;
  /** Undoes `operation`, which was made on `before`. */
  invert(operation: O, before: C): O;
  /** An operation that makes `after` of `before`, leaving alone what they share as far as that is cheap to find. */
  difference(before: C, after: C): O;
  isNoop(operation: O): boolean;
  /** Of how many parts it consists, which is what transforming it costs. */
  parts(operation: O): number;
  /** How much of the content is copied, or passed one by one, to apply it: about 2 us each. */
  applyWork(content: C, operation: O): number;
  /** About how many bytes the content takes as JSON; cheap, and never too small by more than a small factor. */
  size(content: C): number;
}

/** A type whose content and operations only its own functions know, so that types can lie side by side in one table. */
export interface DocumentTypeEntry {
  readonly name: string;
  use<R>(work: <C, O>(type: OperationalType<C, O>) => R): R;
}

export function entryOf<C, O>(type: OperationalType<C, O>): DocumentTypeEntry {
  return { name: type.name, use: (work) => work(type) };
}
