import type { Outbox } from '@parley/database';
import { observe, type Logger } from '@parley/telemetry';
import type { Auth } from './auth.js';
import type { AuthTables } from './auth.tables.js';
import type { Cleanup } from './cleanup.js';
import { ensureDemoAccount } from './demo-account.js';
import type { HashingGate } from './hashing-gate.js';

export interface LifecycleParts {
  readonly auth: Auth;
  readonly outbox: Outbox<AuthTables>;
  readonly cleanup: Cleanup;
  readonly gate: HashingGate;
  readonly demoAccount: string | undefined;
  readonly logger: Logger;
}

/** What must have happened before the first request, and after the last. */
export class AuthLifecycle {
  #depth: { stop(): void } | undefined;

  constructor(private readonly parts: LifecycleParts) {}

  /** Throws when the keys cannot be opened or the demo account is no account. */
  async start(): Promise<void> {
    const { auth, outbox, cleanup, gate, demoAccount, logger } = this.parts;
    await auth.keys.start();
    await auth.passwords.prepare();
    if (demoAccount !== undefined)
      logger.info({ demoAccount: await ensureDemoAccount(auth, demoAccount) }, 'demo account');
    await outbox.start();
    cleanup.start();
    this.#depth = observe(
      'parley.auth.hash.waiting',
      { unit: '{password}', description: 'Passwords that wait to be hashed.' },
      () => gate.waiting,
    );
  }

  async stop(): Promise<void> {
    this.#depth?.stop();
    this.parts.auth.keys.stop();
    await this.parts.cleanup.stop();
    await this.parts.outbox.stop();
  }
}
