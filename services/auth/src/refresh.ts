import {
  auth as contract,
  fail,
  ok,
  unreachable,
  type LoginId,
  type Outcome,
  type TokenGrant,
  type TransportErrorCode,
} from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { addressKey } from '@parley/service';
import { announceRevocation } from './announce-revocation.js';
import type { Auth } from './auth.js';
import { refreshes } from './auth.metrics.js';
import type { Sql } from './auth.tables.js';
import { extendLogin, loginForUpdate, revokeLogin } from './login.repository.js';
import { hashRefreshToken, judge, rotate, type Presented, type RefreshToken } from './refresh-token.js';
import { insertToken, markUsed, tokenByHash } from './refresh-token.repository.js';
import { toGrant, type StartedLogin } from './start-login.js';
import { userById } from './user.repository.js';

type Request = Static<typeof contract.refresh.request>;
type Failure = 'unauthenticated' | 'rate_limited' | TransportErrorCode;

interface Judged {
  readonly result: Presented | 'revoked';
  /** With `fresh` and `retry`. */
  readonly login?: StartedLogin;
}

/** Rotates. See refresh-token.ts for what a second use means. */
export async function refresh(auth: Auth, request: Request): Promise<Outcome<TokenGrant, Failure>> {
  const hash = hashRefreshToken(request.refreshToken);
  const known = await tokenByHash(auth.database.kysely, hash);
  if (known === undefined) return unknown(auth, request.address);
  const allowed = await auth.limits.take('refresh', known.loginId);
  if (!allowed.ok) {
    refreshes.add(1, { result: 'rate_limited' });
    return allowed;
  }
  const signer = await auth.keys.signer();
  if (!signer.ok) return signer;

  const judged = await useToken(auth, known.loginId, hash, request.refreshToken);
  refreshes.add(1, { result: judged.result });
  if (judged.result === 'reused') {
    auth.outbox.kick();
    // Either the token was stolen, or a client mislaid a reply for longer than the grace: somebody may want to know.
    auth.logger.warn({ loginId: known.loginId }, 'a used refresh token came back; its login was ended');
  }
  return judged.login === undefined ? rejected() : ok(toGrant(auth, signer.value, judged.login));
}

async function unknown(auth: Auth, address: string): Promise<Outcome<TokenGrant, Failure>> {
  refreshes.add(1, { result: 'unknown' });
  const allowed = await auth.limits.take('address', addressKey(address));
  return allowed.ok ? rejected() : allowed;
}

/** The login's row is locked before its token is read again: refreshes and revocations of one login come one by one. */
function useToken(auth: Auth, loginId: LoginId, hash: Buffer, presented: string): Promise<Judged> {
  return auth.database.transaction(async (trx): Promise<Judged> => {
    const now = auth.clock();
    const login = await loginForUpdate(trx, loginId);
    const token = await tokenByHash(trx, hash);
    const account = login === undefined ? undefined : await userById(trx, login.userId);
    if (login === undefined || token === undefined || account === undefined) return { result: 'expired' };
    if (login.revokedAt !== null) return { result: 'revoked' };
    const result = judge(token, await isSuccessorUsed(trx, token), now, auth.lifetimes.graceMs);
    switch (result) {
      case 'expired':
        return { result };
      case 'reused':
        await revokeLogin(trx, loginId, 'refresh_token_reused', new Date(now));
        await announceRevocation(auth, trx, account.id, [loginId], 'refresh_token_reused');
        return { result };
      case 'retry': {
        const refreshToken = rotate(presented, token.use?.salt).token;
        return { result, login: { account, loginId, topics: login.topics, refreshToken } };
      }
      case 'fresh': {
        const successor = rotate(presented);
        const expiresAt = new Date(now + auth.lifetimes.refreshMs);
        await markUsed(trx, hash, successor, new Date(now));
        await insertToken(trx, successor.hash, loginId, expiresAt);
        await extendLogin(trx, loginId, expiresAt);
        return { result, login: { account, loginId, topics: login.topics, refreshToken: successor.token } };
      }
      default:
        return unreachable(result);
    }
  });
}

/** A successor that has gone has expired, which is after any use. */
async function isSuccessorUsed(sql: Sql, token: RefreshToken): Promise<boolean> {
  if (token.use === undefined) return false;
  const successor = await tokenByHash(sql, token.use.successorHash);
  return successor === undefined || successor.use !== undefined;
}

function rejected() {
  return fail('unauthenticated', 'this refresh token is not valid any more');
}
