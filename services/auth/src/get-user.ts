import { auth as contract, fail, ok, type Outcome, type User } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Auth } from './auth.js';
import { toUser } from './user.js';
import { userById } from './user.repository.js';

type Request = Static<typeof contract.getUser.request>;

export async function getUser(auth: Auth, { userId }: Request): Promise<Outcome<User, 'not_found'>> {
  const account = await userById(auth.database.kysely, userId);
  return account === undefined ? fail('not_found', 'no such user') : ok(toUser(account));
}
