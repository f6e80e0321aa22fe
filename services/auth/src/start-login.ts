import { newLoginId, type TokenGrant, type TopicGrants } from '@parley/contracts';
import { accessClaims, type SignToken, type TokenSubject } from './access-token.js';
import type { Auth } from './auth.js';
import type { Sql } from './auth.tables.js';
import { insertLogin } from './login.repository.js';
import { hashRefreshToken, newRefreshToken } from './refresh-token.js';
import { insertToken } from './refresh-token.repository.js';
import { toUser, type Account } from './user.js';

export interface StartedLogin extends TokenSubject {
  readonly refreshToken: string;
}

/** Writes a new login and its first refresh token; nothing counts until the transaction commits. */
export async function startLogin(
  auth: Auth,
  sql: Sql,
  account: Account,
  topics: TopicGrants | undefined,
): Promise<StartedLogin> {
  const now = auth.clock();
  const expiresAt = new Date(now + auth.lifetimes.refreshMs);
  const loginId = newLoginId();
  const refreshToken = newRefreshToken();
  await insertLogin(sql, { id: loginId, userId: account.id, topics, createdAt: new Date(now), expiresAt });
  await insertToken(sql, hashRefreshToken(refreshToken), loginId, expiresAt);
  return { account, loginId, topics, refreshToken };
}

export function toGrant(auth: Auth, sign: SignToken, login: StartedLogin): TokenGrant {
  const { accessSeconds } = auth.lifetimes;
  return {
    accessToken: sign(accessClaims(login, auth.clock(), accessSeconds)),
    refreshToken: login.refreshToken,
    expiresIn: accessSeconds,
    user: toUser(login.account),
  };
}
