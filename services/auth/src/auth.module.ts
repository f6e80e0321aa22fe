import { Module, type DynamicModule } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import { Outbox, type Database } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import { AttemptLimits } from './attempt-limits.js';
import { AuthHandlers } from './auth.handlers.js';
import type { AuthOptions } from './auth.options.js';
import { settingsOf } from './auth.settings.js';
import type { AuthTables } from './auth.tables.js';
import type { Auth } from './auth.js';
import { AuthLifecycle } from './auth.lifecycle.js';
import { Cleanup } from './cleanup.js';
import { systemClock, type Clock } from './clock.js';
import { HashingGate } from './hashing-gate.js';
import { KeyRing } from './key-ring.js';
import { KeyVault } from './key-vault.js';
import { Passwords } from './passwords.js';

export interface AuthContext {
  readonly options: AuthOptions;
  readonly bus: Bus;
  readonly database: Database<AuthTables>;
  readonly logger: Logger;
  /** Tests set it. */
  readonly clock?: Clock;
}

/** The verbs' tools, as one value. */
export const AUTH = Symbol('Auth');

@Module({})
export class AuthModule {}

export function authModule({ options, bus, database, logger, clock = systemClock }: AuthContext): DynamicModule {
  const settings = settingsOf(options);
  return {
    module: AuthModule,
    providers: [
      { provide: HashingGate, useFactory: () => new HashingGate(settings.gate) },
      {
        provide: Passwords,
        useFactory: (gate: HashingGate) => new Passwords(settings.hashing, gate),
        inject: [HashingGate],
      },
      { provide: AttemptLimits, useFactory: () => new AttemptLimits(database.kysely, clock, settings.limits) },
      {
        provide: KeyRing,
        useFactory: () => {
          const vault = new KeyVault({ current: options.keySecret, previous: options.previousKeySecret });
          return new KeyRing(database, vault, settings.keys, clock, logger);
        },
      },
      {
        provide: Outbox,
        useFactory: () =>
          new Outbox(database, {
            publish: (subject, data, publication) => bus.publishEncoded(subject, data, publication),
            logger,
          }),
      },
      { provide: Cleanup, useFactory: () => new Cleanup(database.kysely, clock, settings.cleanup, logger) },
      {
        provide: AUTH,
        useFactory: (outbox: Outbox<AuthTables>, passwords: Passwords, limits: AttemptLimits, keys: KeyRing): Auth => {
          return { database, outbox, passwords, limits, keys, clock, lifetimes: settings.lifetimes, logger };
        },
        inject: [Outbox, Passwords, AttemptLimits, KeyRing],
      },
      { provide: AuthHandlers, useFactory: (auth: Auth) => new AuthHandlers(auth), inject: [AUTH] },
      {
        provide: AuthLifecycle,
        useFactory: (auth: Auth, outbox: Outbox<AuthTables>, cleanup: Cleanup, gate: HashingGate) =>
          new AuthLifecycle({ auth, outbox, cleanup, gate, demoAccount: options.demoAccount, logger }),
        inject: [AUTH, Outbox, Cleanup, HashingGate],
      },
    ],
  };
}
