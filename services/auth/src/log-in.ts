import { auth as contract, fail, ok, type Outcome, type TokenGrant, type TransportErrorCode } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { fitsIntoToken } from './access-token.js';
import { addressKey } from '@parley/service';
import type { Auth } from './auth.js';
import { startLogin, toGrant, type StartedLogin } from './start-login.js';
import { isStorable, nameKey, type Account } from './user.js';
import { holdPassword, isUserBanned, replaceHash, userByEmail, userByUsername } from './user.repository.js';

type Request = Static<typeof contract.login.request>;
type Failure = 'unauthenticated' | 'forbidden' | 'rate_limited' | TransportErrorCode;

/**
 * By username or e-mail address; `username` takes an address too, since no username has an "@". An unknown name costs
 * and answers the same as a wrong password. A right password forgets the wrong ones of the account, and does not count
 * against the address.
 */
export async function logIn(auth: Auth, request: Request): Promise<Outcome<TokenGrant, Failure>> {
  const { username, email, password, topics } = request;
  const name = username ?? email;
  if (name === undefined) return fail('invalid', 'username or email is needed', { field: 'username' });
  if (username !== undefined && email !== undefined) {
    return fail('invalid', 'username or email, not both', { field: 'email' });
  }
  if (!fitsIntoToken(topics)) return fail('invalid', 'more patterns than a token can carry', { field: 'topics' });

  const address = addressKey(request.address);
  const allowedAddress = await auth.limits.take('address', address);
  if (!allowedAddress.ok) return allowedAddress;
  const account = isStorable(name) ? await findAccount(auth, name, email !== undefined) : undefined;
  const subject = account?.id ?? `unknown ${nameKey(name)}`;
  const allowedAccount = await auth.limits.take('account', subject);
  if (!allowedAccount.ok) return allowedAccount;

  const verified = await auth.passwords.verify(account?.passwordHash, password);
  if (!verified.ok) {
    // Nothing was tried: a flood from elsewhere must not lock anybody out.
    await Promise.all([auth.limits.giveBack('address', address), auth.limits.giveBack('account', subject)]);
    return verified;
  }
  if (!verified.value || account === undefined) return wrong();
  await Promise.all([auth.limits.giveBack('address', address), auth.limits.forget('account', subject)]);
  await renewHash(auth, account, password);

  const signer = await auth.keys.signer();
  if (!signer.ok) return signer;
  const login = await auth.database.transaction(async (trx): Promise<Outcome<StartedLogin, Failure>> => {
    // The password can have changed since it was checked, and the user been banned; both must catch this login too.
    if (!(await holdPassword(trx, account.id, account.passwordVersion))) return wrong();
    if (await isUserBanned(trx, account.id)) return fail('forbidden', 'this account is banned');
    return ok(await startLogin(auth, trx, account, topics));
  });
  return login.ok ? ok(toGrant(auth, signer.value, login.value)) : login;
}

function findAccount(auth: Auth, name: string, isEmail: boolean): Promise<Account | undefined> {
  const sql = auth.database.kysely;
  return isEmail || name.includes('@') ? userByEmail(sql, name) : userByUsername(sql, name);
}

/** Parameters grow with the years; the password is at hand only now. Skipped when there is no room to hash. */
async function renewHash(auth: Auth, account: Account, password: string): Promise<void> {
  if (!auth.passwords.isOutdated(account.passwordHash)) return;
  const hashed = await auth.passwords.hash(password);
  if (hashed.ok) await replaceHash(auth.database.kysely, account, hashed.value);
}

function wrong() {
  return fail('unauthenticated', 'wrong name or password');
}
