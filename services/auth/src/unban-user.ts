import { auth as contract, fail, ok, type Outcome } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Auth } from './auth.js';
import { setBan } from './user.repository.js';

type Request = Static<typeof contract.unbanUser.request>;

/** The user may log in again; what the ban has ended stays ended. */
export async function unbanUser(auth: Auth, { userId }: Request): Promise<Outcome<Record<string, never>, 'not_found'>> {
  const known = await setBan(auth.database.kysely, userId, null);
  return known ? ok({}) : fail('not_found', 'no such user');
}
