import { LOGINS_REVOKED_ID, loginsRevoked, newMessageId, type LoginId, type UserId } from '@parley/contracts';
import type { Auth } from './auth.js';
import { revocations } from './auth.metrics.js';
import type { Trx } from './auth.tables.js';
import type { RevocationReason } from './login.js';

/** Some 40 bytes each: far below what one message of the bus may hold. */
const LOGINS_PER_EVENT = 1_000;

/**
 * Lets every gateway know, as soon as the revocation commits and however this process ends: the events lie beside it in
 * the outbox. Kick the outbox after the commit. Who is thrown out (`revoked`) is told of without any login, too: guests for
 * whom they answer, such as their devices, go with them.
 */
export async function announceRevocation(
  auth: Auth,
  trx: Trx,
  userId: UserId,
  loginIds: readonly LoginId[],
  reason: RevocationReason,
): Promise<void> {
  const told = reason === 'revoked' ? Math.max(1, loginIds.length) : loginIds.length;
  for (let from = 0; from < told; from += LOGINS_PER_EVENT) {
    const some = loginIds.slice(from, from + LOGINS_PER_EVENT);
    const payload = { type: 'revoked' as const, userId, loginIds: some, reason };
    await auth.outbox.add(trx, loginsRevoked, LOGINS_REVOKED_ID, payload, { messageId: newMessageId() });
  }
  revocations.add(loginIds.length, { reason });
}
