import { createHash } from 'node:crypto';
import { fail, ok, type Outcome } from '@parley/contracts';
import { forgetAttempts, giveBackAttempt, takeAttempt, type Pace } from './attempts.repository.js';
import { limited } from './auth.metrics.js';
import type { Sql } from './auth.tables.js';
import type { Clock } from './clock.js';

export type LimitScope = 'account' | 'address' | 'registration' | 'refresh';

export interface LimitOptions {
  readonly windowMs: number;
  /** Attempts per window; 0: no limit. */
  readonly perWindow: Readonly<Record<LimitScope, number>>;
}

/**
 * Attempts per account and address, counted in Postgres for all replicas together. A key may spend its whole window's
 * worth at once and then gets it back evenly, so whoever is refused knows when to try again.
 *
 * An attempt is counted before the password is looked at: a thousand guesses sent at once are a thousand attempts.
 */
export class AttemptLimits {
  constructor(
    private readonly sql: Sql,
    private readonly clock: Clock,
    private readonly options: LimitOptions,
  ) {}

  async take(scope: LimitScope, subject: string): Promise<Outcome<void, 'rate_limited'>> {
    const pace = this.#pace(scope);
    if (pace === undefined) return ok(undefined);
    const waitMs = await takeAttempt(this.sql, keyOf(scope, subject), new Date(this.clock()), pace);
    if (waitMs === undefined) return ok(undefined);
    limited.add(1, { scope });
    return fail('rate_limited', 'too many attempts, try again later', { retryAfterMs: Math.ceil(waitMs) });
  }

  /** The attempt was none: it succeeded, or nothing was tried after all. */
  async giveBack(scope: LimitScope, subject: string): Promise<void> {
    const pace = this.#pace(scope);
    if (pace !== undefined) await giveBackAttempt(this.sql, keyOf(scope, subject), pace.stepMs);
  }

  async forget(scope: LimitScope, subject: string): Promise<void> {
    if (this.#pace(scope) !== undefined) await forgetAttempts(this.sql, keyOf(scope, subject));
  }

  #pace(scope: LimitScope): Pace | undefined {
    const count = this.options.perWindow[scope];
    const { windowMs } = this.options;
    return count === 0 ? undefined : { stepMs: Math.max(1, Math.floor(windowMs / count)), windowMs };
  }
}

function keyOf(scope: LimitScope, subject: string): Buffer {
  return createHash('sha256').update(`${scope}\0${subject}`).digest();
}
