import { auth as contract, ok, type Outcome } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Auth } from './auth.js';
import { activeAmong } from './login.repository.js';

type Request = Static<typeof contract.checkLogins.request>;
type Reply = Static<typeof contract.checkLogins.reply>;

/** Which of these are revoked, expired or unknown. */
export async function checkLogins(auth: Auth, { loginIds }: Request): Promise<Outcome<Reply, never>> {
  const active = await activeAmong(auth.database.kysely, loginIds, new Date(auth.clock()));
  return ok({ invalid: loginIds.filter((id) => !active.has(id)) });
}
