import { auth as contract, fail, ok, type Outcome, type UserId } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { announceRevocation } from './announce-revocation.js';
import type { Auth } from './auth.js';
import type { Trx } from './auth.tables.js';
import { revokeLoginsOf } from './login.repository.js';
import { userForUpdate } from './user.repository.js';

type Request = Static<typeof contract.revokeUser.request>;
type Reply = Static<typeof contract.revokeUser.reply>;

/** Ends every login of the user. They may log in again: this is no ban. */
export function revokeUser(auth: Auth, { userId }: Request): Promise<Outcome<Reply, 'not_found'>> {
  return endLogins(auth, userId);
}

/** `first`: done in the same transaction, while nobody else can change the user or start a login of theirs. */
export async function endLogins(
  auth: Auth,
  userId: UserId,
  first?: (trx: Trx) => Promise<void>,
): Promise<Outcome<Reply, 'not_found'>> {
  const revoked = await auth.database.transaction(async (trx) => {
    if ((await userForUpdate(trx, userId)) === undefined) return undefined;
    await first?.(trx);
    const loginIds = await revokeLoginsOf(trx, userId, 'revoked', new Date(auth.clock()));
    await announceRevocation(auth, trx, userId, loginIds, 'revoked');
    return loginIds.length;
  });
  auth.outbox.kick();
  return revoked === undefined ? fail('not_found', 'no such user') : ok({ revoked });
}
