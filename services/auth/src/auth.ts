import type { Database, Outbox } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import type { AttemptLimits } from './attempt-limits.js';
import type { AuthTables } from './auth.tables.js';
import type { Clock } from './clock.js';
import type { KeyRing } from './key-ring.js';
import type { Passwords } from './passwords.js';

export interface Lifetimes {
  readonly accessSeconds: number;
  readonly refreshMs: number;
  /** How long a used refresh token may be shown again; see refresh-token.ts. */
  readonly graceMs: number;
}

/** What the verbs work with. */
export interface Auth {
  readonly database: Database<AuthTables>;
  readonly outbox: Pick<Outbox<AuthTables>, 'add' | 'kick'>;
  readonly passwords: Passwords;
  readonly limits: AttemptLimits;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly lifetimes: Lifetimes;
  readonly logger: Logger;
}
