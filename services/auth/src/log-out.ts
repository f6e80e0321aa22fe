import { auth as contract, ok, type Outcome } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { announceRevocation } from './announce-revocation.js';
import type { Auth } from './auth.js';
import { revokeLogin } from './login.repository.js';

type Request = Static<typeof contract.logout.request>;

/** Ends a login. One that is unknown or has ended is none any more, which is what was asked for. */
export async function logOut(auth: Auth, { loginId }: Request): Promise<Outcome<Record<string, never>, never>> {
  await auth.database.transaction(async (trx) => {
    const ended = await revokeLogin(trx, loginId, 'logout', new Date(auth.clock()));
    if (ended !== undefined) await announceRevocation(auth, trx, ended.userId, [loginId], 'logout');
  });
  auth.outbox.kick();
  return ok({});
}
