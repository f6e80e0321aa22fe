import type { LimitOptions } from './attempt-limits.js';
import type { AuthOptions } from './auth.options.js';
import type { Lifetimes } from './auth.js';
import type { CleanupOptions } from './cleanup.js';
import type { GateOptions } from './hashing-gate.js';
import type { KeyRingOptions } from './key-ring.js';
import type { HashingOptions } from './passwords.js';

export interface AuthSettings {
  readonly lifetimes: Lifetimes;
  readonly hashing: HashingOptions;
  readonly gate: GateOptions;
  readonly limits: LimitOptions;
  readonly keys: KeyRingOptions;
  readonly cleanup: CleanupOptions;
}

/** Clocks of replicas and verifiers may differ by this much. */
const CLOCK_SKEW_MS = 60_000;
const DAY_MS = 86_400_000;

/** The options in the units and groups that the parts of the service want. */
export function settingsOf(options: AuthOptions): AuthSettings {
  const reloadMs = options.keyReloadSeconds * 1_000;
  return {
    lifetimes: {
      accessSeconds: options.accessTokenSeconds,
      refreshMs: options.refreshTokenSeconds * 1_000,
      graceMs: options.refreshGraceSeconds * 1_000,
    },
    hashing: { memoryKib: options.hashMemoryKib, passes: options.hashPasses, lanes: options.hashLanes },
    gate: {
      parallel: options.hashParallel,
      queue: options.hashQueue,
      patienceMs: options.hashPatienceSeconds * 1_000,
    },
    limits: {
      windowMs: options.limitWindowSeconds * 1_000,
      perWindow: {
        account: options.attemptsPerAccount,
        address: options.attemptsPerAddress,
        registration: options.registrationsPerAddress,
        refresh: options.refreshesPerLogin,
      },
    },
    keys: {
      reloadMs,
      schedule: {
        rotationMs: options.keyRotationDays * DAY_MS,
        leadMs: options.keyLeadSeconds * 1_000,
        outliveMs: options.accessTokenSeconds * 1_000 + 2 * reloadMs + CLOCK_SKEW_MS,
      },
    },
    cleanup: { everyMs: options.cleanupSeconds * 1_000, attemptRows: options.attemptRows, batch: 1_000, batches: 20 },
  };
}
