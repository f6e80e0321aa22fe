import { open, seal } from './key-sealing.js';
import type { SigningKey } from './signing-key.js';

export interface KeySecrets {
  readonly current: string | undefined;
  readonly previous: string | undefined;
}

/** How private keys lie in the database: sealed when there is a secret, else in the clear. */
export class KeyVault {
  constructor(private readonly secrets: KeySecrets) {}

  /** A plain key as it is to be stored. */
  async protect(key: SigningKey): Promise<SigningKey> {
    const { current } = this.secrets;
    if (current === undefined) return key;
    return { ...key, privateKey: await seal(current, key.kid, key.privateKey), sealed: true };
  }

  /** The PKCS #8 bytes; undefined when no secret opens it. `outdated`: not stored as `protect` would store it today. */
  async reveal(key: SigningKey): Promise<{ readonly privateKey: Buffer; readonly outdated: boolean } | undefined> {
    const { current, previous } = this.secrets;
    if (!key.sealed) return { privateKey: key.privateKey, outdated: current !== undefined };
    const opened = current === undefined ? undefined : await open(current, key.kid, key.privateKey);
    if (opened !== undefined) return { privateKey: opened, outdated: false };
    const formerly = previous === undefined ? undefined : await open(previous, key.kid, key.privateKey);
    return formerly === undefined ? undefined : { privateKey: formerly, outdated: current !== undefined };
  }
}
