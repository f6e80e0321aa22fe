import { auth as contract, type Outcome } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Auth } from './auth.js';
import { endLogins } from './revoke-user.js';
import { setBan } from './user.repository.js';

type Request = Static<typeof contract.banUser.request>;
type Reply = Static<typeof contract.banUser.reply>;

/** Ends every login of the user, and refuses new ones from the same moment on. */
export function banUser(auth: Auth, { userId }: Request): Promise<Outcome<Reply, 'not_found'>> {
  return endLogins(auth, userId, async (trx) => {
    await setBan(trx, userId, new Date(auth.clock()));
  });
}
