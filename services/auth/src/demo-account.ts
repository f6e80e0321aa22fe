import { compile, newUserId, Password, Username } from '@parley/contracts';
import type { Auth } from './auth.js';
import { insertUser, takenField, userByUsername } from './user.repository.js';

const usernameCheck = compile(Username);
const passwordCheck = compile(Password);

/** Makes the account `username:password` when its name is free. Throws, in one line, when the text is no such pair. */
export async function ensureDemoAccount(auth: Auth, text: string): Promise<'made' | 'exists'> {
  const colon = text.indexOf(':');
  const username = text.slice(0, Math.max(0, colon));
  const password = text.slice(colon + 1);
  if (!usernameCheck.is(username) || !passwordCheck.is(password)) {
    throw new Error(
      'PARLEY_DEMO_ACCOUNT: expected username:password, 3 to 32 letters, digits or "_", and 8 to 128 characters',
    );
  }
  if ((await userByUsername(auth.database.kysely, username)) !== undefined) return 'exists';
  const hashed = await auth.passwords.hash(password);
  if (!hashed.ok) throw new Error(`the demo account could not be made: ${hashed.error.message}`);
  const account = {
    id: newUserId(),
    username,
    email: null,
    avatarUrl: null,
    passwordHash: hashed.value,
    passwordVersion: 1,
    createdAt: new Date(auth.clock()),
  };
  try {
    await insertUser(auth.database.kysely, account);
    return 'made';
  } catch (error) {
    // Another replica, started at the same moment, was faster.
    if (takenField(error) === 'username') return 'exists';
    throw error;
  }
}
