import { auth as contract, fail, ok, type Outcome, type User } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Auth } from './auth.js';
import { toUser } from './user.js';
import { userByUsername } from './user.repository.js';

type Request = Static<typeof contract.findUser.request>;

/** By username, in whatever case. */
export async function findUser(auth: Auth, { username }: Request): Promise<Outcome<User, 'not_found'>> {
  const account = await userByUsername(auth.database.kysely, username);
  return account === undefined ? fail('not_found', 'no such user') : ok(toUser(account));
}
