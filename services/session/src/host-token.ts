import { HOST_TOKEN_PREFIX } from '@parley/contracts';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const BYTES = 32;

/** What makes its holder the host. Only its hash is kept. */
export function newHostToken(): string {
  return HOST_TOKEN_PREFIX + randomBytes(BYTES).toString('base64url');
}

export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Takes the same time whatever is wrong with the token. */
export function isHostToken(token: string, hash: Buffer): boolean {
  return timingSafeEqual(hashOf(token), hash);
}
