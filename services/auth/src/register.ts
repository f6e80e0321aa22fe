import {
  auth as contract,
  fail,
  newUserId,
  ok,
  type Outcome,
  type TokenGrant,
  type TransportErrorCode,
} from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { fitsIntoToken } from './access-token.js';
import { addressKey } from '@parley/service';
import type { Auth } from './auth.js';
import { startLogin, toGrant } from './start-login.js';
import { isStorable, type Account } from './user.js';
import { insertUser, takenField } from './user.repository.js';

type Request = Static<typeof contract.register.request>;

/** A new account and its first login. `conflict` names the field that is taken. */
export async function register(
  auth: Auth,
  request: Request,
): Promise<Outcome<TokenGrant, 'conflict' | 'rate_limited' | TransportErrorCode>> {
  const { email = null, topics } = request;
  if (email !== null && !isStorable(email)) return fail('invalid', 'not an e-mail address', { field: 'email' });
  if (!fitsIntoToken(topics)) return fail('invalid', 'more patterns than a token can carry', { field: 'topics' });

  const allowed = await auth.limits.take('registration', addressKey(request.address));
  if (!allowed.ok) return allowed;
  const hashed = await auth.passwords.hash(request.password);
  if (!hashed.ok) return hashed;
  const signer = await auth.keys.signer();
  if (!signer.ok) return signer;

  const account: Account = {
    id: newUserId(),
    username: request.username,
    email,
    avatarUrl: null,
    passwordHash: hashed.value,
    passwordVersion: 1,
    createdAt: new Date(auth.clock()),
  };
  try {
    const login = await auth.database.transaction(async (trx) => {
      await insertUser(trx, account);
      return startLogin(auth, trx, account, topics);
    });
    return ok(toGrant(auth, signer.value, login));
  } catch (error) {
    const field = takenField(error);
    if (field === undefined) throw error;
    return fail('conflict', `this ${field} is taken`, { field });
  }
}
