import { fail, ok, type Outcome, type PublicKey } from '@parley/contracts';
import type { Database } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import { tokenSigner, type SignToken } from './access-token.js';
import type { AuthTables } from './auth.tables.js';
import type { Clock } from './clock.js';
import type { KeyVault } from './key-vault.js';
import { resealKeys, rotateKeys } from './rotate-keys.js';
import { newestFirst, signingKeyAt, toPem, type KeySchedule, type SigningKey } from './signing-key.js';
import { allKeys } from './signing-key.repository.js';

export interface KeyRingOptions {
  readonly schedule: KeySchedule;
  /** How often keys are looked at; a replica signs with what it saw at most two of these ago. */
  readonly reloadMs: number;
}

interface HeldKey {
  readonly kid: string;
  readonly signsFrom: Date;
  /** Undefined when this replica cannot open the key. An older one must not stand in for it: that may be forgotten soon. */
  readonly sign: SignToken | undefined;
}

/** This replica's view of the signing keys that all replicas share, and its part in rotating them. */
export class KeyRing {
  #held: readonly HeldKey[] = [];
  #loadedAt = -Infinity;
  #loading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database<AuthTables>,
    private readonly vault: KeyVault,
    private readonly options: KeyRingOptions,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Throws, in one line, when the keys in the database cannot be opened. */
  async start(): Promise<void> {
    await resealKeys(this.database, this.vault);
    await this.maintain();
    if (signingKeyAt(this.#held, this.clock())?.sign === undefined) {
      throw new Error(
        'the signing key in the database cannot be opened: PARLEY_AUTH_KEY_SECRET is not the secret that it was sealed with ' +
          '(a changed secret needs the old one in PARLEY_AUTH_KEY_SECRET_PREVIOUS)',
      );
    }
    this.#timer = setInterval(() => {
      this.maintain().catch((error: unknown) => {
        this.logger.warn({ err: error }, 'signing keys could not be looked at; the next try follows');
      });
    }, this.options.reloadMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Makes and forgets keys where it is time, and takes up what others made. Calls while one is under way share it. */
  async maintain(): Promise<void> {
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    await this.#loading;
  }

  async signer(): Promise<Outcome<SignToken, 'unavailable'>> {
    const now = this.clock();
    // Older than this, another replica's newer key may be signing for longer than ours stays published.
    if (now - this.#loadedAt >= 2 * this.options.reloadMs) await this.maintain();
    const sign = signingKeyAt(this.#held, now)?.sign;
    return sign === undefined ? fail('unavailable', 'there is no key to sign with') : ok(sign);
  }

  /** Straight from the database: a key must be seen by verifiers before any replica signs with it. */
  async published(): Promise<PublicKey[]> {
    return newestFirst(await allKeys(this.database.kysely)).map((key) => key.publicKey);
  }

  async #load(): Promise<void> {
    const now = this.clock();
    const keys = await rotateKeys(this.database, this.vault, this.options.schedule, now);
    const held: HeldKey[] = [];
    for (const key of keys) {
      const known = this.#held.find((candidate) => candidate.kid === key.kid);
      held.push(known ?? (await this.#open(key)));
    }
    this.#held = held;
    this.#loadedAt = now;
  }

  async #open(key: SigningKey): Promise<HeldKey> {
    const { kid, signsFrom } = key;
    const revealed = await this.vault.reveal(key);
    if (revealed === undefined) {
      this.logger.error({ kid }, 'a signing key cannot be opened with the secrets of this replica');
      return { kid, signsFrom, sign: undefined };
    }
    return { kid, signsFrom, sign: tokenSigner(kid, toPem(revealed.privateKey)) };
  }
}
