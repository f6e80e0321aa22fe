import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { LoginId } from '@parley/contracts';

/**
 * A refresh token works once and names its successor. 256 random bits, kept only as their SHA-256.
 *
 * A reply can be lost after the rotation has committed; without help, the client's retry would look like theft and end
 * the login. So the successor of a token is made from the token itself and a random salt that only the service has: a
 * retry within the grace, while the successor is still unused, gets the very same successor. The family never forks, and
 * nobody without the used token can make its successor, not even with the database at hand.
 */
export interface RefreshToken {
  readonly hash: Buffer;
  readonly loginId: LoginId;
  readonly expiresAt: Date;
  readonly use: TokenUse | undefined;
}

export interface TokenUse {
  readonly at: Date;
  readonly salt: Buffer;
  readonly successorHash: Buffer;
}

export interface Rotation {
  readonly token: string;
  readonly hash: Buffer;
  readonly salt: Buffer;
}

const TOKEN_BYTES = 32;

export function newRefreshToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

export function hashRefreshToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export function rotate(token: string, salt: Buffer = randomBytes(TOKEN_BYTES)): Rotation {
  const successor = createHmac('sha256', token).update('parley refresh token').update(salt).digest('base64url');
  return { token: successor, hash: hashRefreshToken(successor), salt };
}

export type Presented = 'fresh' | 'retry' | 'reused' | 'expired';

/** What the showing of a token means. `successorUsed`: the token that came after it has been used already. */
export function judge(token: RefreshToken, successorUsed: boolean, now: number, graceMs: number): Presented {
  if (token.expiresAt.getTime() <= now) return 'expired';
  if (token.use === undefined) return 'fresh';
  return !successorUsed && now - token.use.at.getTime() < graceMs ? 'retry' : 'reused';
}
