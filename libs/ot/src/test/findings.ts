import { createHash } from 'node:crypto';
import { canonicalText, checksumOf } from '../canonical.js';

/** What should be one has come apart. */
export class ConvergenceError extends Error {}

export function expectSame(what: string, actual: unknown, expected: unknown): void {
  // Nearly always their keys are even in the same order.
  if (actual === expected || JSON.stringify(actual) === JSON.stringify(expected)) return;
  const [one, other] = [canonicalText(actual), canonicalText(expected)];
  must(one === other, `${what} differs:\n  ${one}\n  ${other}`);
}

export function must(holds: boolean, problem: string): void {
  if (!holds) throw new ConvergenceError(problem);
}

export function sum(json: unknown): string {
  return checksumOf(json, (canonical) => createHash('sha256').update(canonical).digest('hex'));
}
