import { createHash, createPrivateKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { PublicKey } from '@parley/contracts';

/**
 * A key's whole life follows from the moments at which keys begin to sign, so that replicas agree without talking:
 * it is published from the moment it exists, signs from `signsFrom` until the next key's, and stays published
 * until every token that it can have signed is dead. Then it is deleted.
 */
export interface SigningKey {
  readonly kid: string;
  readonly publicKey: PublicKey;
  /** PKCS #8, sealed or plain. */
  readonly privateKey: Buffer;
  readonly sealed: boolean;
  readonly signsFrom: Date;
}

export interface KeySchedule {
  /** How long one key signs. */
  readonly rotationMs: number;
  /** How long a key is published before it signs: more than verifiers take to ask for keys again. */
  readonly leadMs: number;
  /** How long a key is published after the next one signs: a token's life, and how far replicas can lag and clocks differ. */
  readonly outliveMs: number;
}

/** The key that signs now; undefined when there is none yet. */
export function signingKeyAt<K extends Pick<SigningKey, 'signsFrom'>>(keys: readonly K[], now: number): K | undefined {
  return newestFirst(keys).find((key) => key.signsFrom.getTime() <= now);
}

/** When the key that should be made now is to begin signing; undefined when none is due. */
export function dueKey(
  keys: readonly Pick<SigningKey, 'signsFrom'>[],
  now: number,
  schedule: KeySchedule,
): Date | undefined {
  const newest = newestFirst(keys)[0]?.signsFrom.getTime();
  if (newest === undefined) return new Date(now);
  const next = newest + schedule.rotationMs;
  return next - schedule.leadMs <= now ? new Date(Math.max(next, now + schedule.leadMs)) : undefined;
}

/** Keys of which no living token can be signed: their successor has been signing for longer than a token lives. */
export function deadKeys<K extends Pick<SigningKey, 'signsFrom'>>(
  keys: readonly K[],
  now: number,
  schedule: KeySchedule,
): K[] {
  return newestFirst(keys).filter((_, index, sorted) => {
    const successor = sorted[index - 1];
    return successor !== undefined && successor.signsFrom.getTime() + schedule.outliveMs <= now;
  });
}

export function newestFirst<K extends Pick<SigningKey, 'signsFrom'>>(keys: readonly K[]): K[] {
  return keys.toSorted((a, b) => b.signsFrom.getTime() - a.signsFrom.getTime());
}

const generate = promisify(generateKeyPair);

/** A third of a second of one core, off the event loop. The id is the key's RFC 7638 thumbprint. */
export async function generateSigningKey(signsFrom: Date): Promise<SigningKey> {
  const pair = await generate('rsa', { modulusLength: 2_048, publicExponent: 65_537 });
  const { n = '', e = '' } = pair.publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256')
    .update(JSON.stringify({ e, kty: 'RSA', n }))
    .digest('base64url');
  return {
    kid,
    publicKey: { kid, kty: 'RSA', alg: 'RS256', use: 'sig', n, e },
    privateKey: pair.privateKey.export({ format: 'der', type: 'pkcs8' }),
    sealed: false,
    signsFrom,
  };
}

export function toPem(pkcs8: Buffer): string {
  const pem = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' });
  return pem.toString();
}
