import type { Context } from './context.js';

/** What a server under test may lack, or not have told us. */
export type Need = 'rest' | 'api-key' | 'second-gateway' | 'listeners' | 'echo' | 'together' | 'loundsync';

export interface Scenario {
  /** Rules of the dialect's SPEC.md that it proves. */
  readonly rules: readonly string[];
  readonly title: string;
  readonly needs?: readonly Need[];
  /** Different users; default 1. */
  readonly users?: number;
  /** For how long it has to wait, at least. Such scenarios run beside the others. */
  readonly waitsSeconds?: number;
  run(context: Context): Promise<void>;
}

/** A dialect's scenarios. */
export interface Suite {
  readonly dialect: string;
  readonly scenarios: readonly Scenario[];
  /** Rules that no client can prove from outside, and why. */
  readonly untestable: ReadonlyMap<string, string>;
  /** Frames that a server may send at any time. */
  background(message: unknown): boolean;
}
