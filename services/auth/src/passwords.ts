import { hash, parseOptions, verify } from '@node-rs/argon2';
import type { Outcome } from '@parley/contracts';
import { HashingGate } from './hashing-gate.js';
import { hashDuration } from './auth.metrics.js';

export interface HashingOptions {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** argon2id, on libuv's threads. Passwords are never logged, and never put into an error. */
export class Passwords {
  #decoy: Promise<string> | undefined;

  constructor(
    private readonly hashing: HashingOptions,
    private readonly gate: HashingGate,
  ) {}

  hash(password: string): Promise<Outcome<string, 'unavailable'>> {
    return this.gate.run(() => timed(() => hash(bytesOf(password), this.#parameters())));
  }

  /**
   * Costs the same where there is no such account: the password is held against a decoy. Otherwise the time of an answer
   * would tell which names exist.
   */
  async verify(passwordHash: string | undefined, password: string): Promise<Outcome<boolean, 'unavailable'>> {
    const against = passwordHash ?? (await this.#decoyHash());
    const verified = await this.gate.run(() => timed(() => verify(against, bytesOf(password))));
    if (!verified.ok) return verified;
    return { ok: true, value: verified.value && passwordHash !== undefined };
  }

  /** Made with other parameters than today's. */
  isOutdated(passwordHash: string): boolean {
    const made = parseOptions(passwordHash);
    const { memoryKib, passes, lanes } = this.hashing;
    return made.memoryCost !== memoryKib || made.timeCost !== passes || made.parallelism !== lanes;
  }

  /** Made at start, so that the first unknown name does not take twice as long. */
  async prepare(): Promise<void> {
    await this.#decoyHash();
  }

  #decoyHash(): Promise<string> {
    this.#decoy ??= hash('a password of nobody', this.#parameters());
    return this.#decoy;
  }

  #parameters() {
    return { memoryCost: this.hashing.memoryKib, timeCost: this.hashing.passes, parallelism: this.hashing.lanes };
  }
}

/** One way to write each letter: keyboards differ in how they compose accents. */
function bytesOf(password: string): Buffer {
  return Buffer.from(password.normalize('NFC'), 'utf8');
}

async function timed<T>(work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  try {
    return await work();
  } finally {
    hashDuration.record((performance.now() - started) / 1_000);
  }
}
