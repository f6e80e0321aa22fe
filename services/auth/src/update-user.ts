import { auth as contract, fail, ok, type Outcome, type TransportErrorCode, type User } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { announceRevocation } from './announce-revocation.js';
import type { Auth } from './auth.js';
import { isActive } from './login.js';
import { loginById, revokeLoginsOf } from './login.repository.js';
import { isStorable, toUser, type Account } from './user.js';
import { changeUser, takenField, userById, userForUpdate, type UserChanges } from './user.repository.js';

type Request = Static<typeof contract.updateUser.request>;
type Failure = 'not_found' | 'conflict' | 'forbidden' | 'rate_limited' | TransportErrorCode;

/**
 * Changes what is given. A new password needs the current one and ends every other login of the user; wrong guesses of
 * the current one count like wrong passwords at a login. The login that asks must be alive.
 */
export async function updateUser(auth: Auth, request: Request): Promise<Outcome<User, Failure>> {
  for (const field of ['email', 'avatarUrl'] as const) {
    const text = request[field];
    if (typeof text === 'string' && !isStorable(text))
      return fail('invalid', 'holds characters that cannot be kept', { field });
  }
  const account = await userById(auth.database.kysely, request.userId);
  if (account === undefined) return fail('not_found', 'no such user');
  if (request.password === undefined) return write(auth, request, account, undefined);

  const allowed = await checkCurrentPassword(auth, request.currentPassword, account);
  if (!allowed.ok) return allowed;
  const hashed = await auth.passwords.hash(request.password);
  if (!hashed.ok) return hashed;
  return write(auth, request, account, hashed.value);
}

async function checkCurrentPassword(
  auth: Auth,
  password: string | undefined,
  account: Account,
): Promise<Outcome<void, 'forbidden' | 'rate_limited' | 'invalid' | 'unavailable'>> {
  const field = 'currentPassword';
  if (password === undefined) return fail('invalid', 'a new password needs the current one', { field });
  const allowed = await auth.limits.take('account', account.id);
  if (!allowed.ok) return allowed;
  const verified = await auth.passwords.verify(account.passwordHash, password);
  if (!verified.ok) {
    await auth.limits.giveBack('account', account.id);
    return verified;
  }
  if (!verified.value) return fail('forbidden', 'the current password is wrong', { field });
  await auth.limits.forget('account', account.id);
  return ok(undefined);
}

/** `checked` is the account whose password was checked; its row is locked and must still have that password. */
async function write(
  auth: Auth,
  request: Request,
  checked: Account,
  passwordHash: string | undefined,
): Promise<Outcome<User, Failure>> {
  const { userId, loginId } = request;
  const now = auth.clock();
  try {
    const outcome = await auth.database.transaction(async (trx): Promise<Outcome<User, Failure>> => {
      const account = await userForUpdate(trx, userId);
      if (account === undefined) return fail('not_found', 'no such user');
      const login = await loginById(trx, loginId);
      if (login?.userId !== userId || !isActive(login, now)) return fail('forbidden', 'this login has ended');
      if (passwordHash !== undefined && account.passwordVersion !== checked.passwordVersion) {
        return fail('forbidden', 'the current password is wrong', { field: 'currentPassword' });
      }
      const changed = await changeUser(trx, userId, changesOf(request, passwordHash));
      if (changed === undefined) return fail('not_found', 'no such user');
      if (passwordHash !== undefined) {
        const ended = await revokeLoginsOf(trx, userId, 'password_changed', new Date(now), loginId);
        await announceRevocation(auth, trx, userId, ended, 'password_changed');
      }
      return ok(toUser(changed));
    });
    if (passwordHash !== undefined) auth.outbox.kick();
    return outcome;
  } catch (error) {
    const field = takenField(error);
    if (field === undefined) throw error;
    return fail('conflict', `this ${field} is taken`, { field });
  }
}

function changesOf({ username, email, avatarUrl }: Request, passwordHash: string | undefined): UserChanges {
  return {
    ...(username === undefined ? {} : { username }),
    ...(email === undefined ? {} : { email }),
    ...(avatarUrl === undefined ? {} : { avatarUrl }),
    ...(passwordHash === undefined ? {} : { passwordHash }),
  };
}
