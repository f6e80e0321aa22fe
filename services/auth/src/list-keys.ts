import { auth as contract, ok, type Outcome } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Auth } from './auth.js';

type Reply = Static<typeof contract.keys.reply>;

/** The newest key may not sign yet: it is shown early, so that verifiers know it by then. */
export async function listKeys(auth: Auth): Promise<Outcome<Reply, never>> {
  return ok({ keys: await auth.keys.published() });
}
