import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const BYTES = 32;

/** 256 bits: nobody guesses it, so that a hash without salt and stretching is enough. */
export function newDeviceKey(): string {
  return randomBytes(BYTES).toString('base64url');
}

export function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Takes the same time whatever is wrong with the key. */
export function isDeviceKey(key: string, hash: Buffer): boolean {
  return timingSafeEqual(hashOf(key), hash);
}
