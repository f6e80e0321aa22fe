import { auth as contract, ok, type Outcome } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Auth } from './auth.js';
import { isUserBanned } from './user.repository.js';

type Request = Static<typeof contract.isBanned.request>;
type Reply = Static<typeof contract.isBanned.reply>;

export async function isBanned(auth: Auth, { userId }: Request): Promise<Outcome<Reply, never>> {
  return ok({ banned: await isUserBanned(auth.database.kysely, userId) });
}
