import type { HeldSignals } from './held-signals.repository.js';
import type { Link } from './device.js';
import type { LiveSession } from './live-session.js';
import type { Role } from './watch.tables.js';
import type { Change } from './watch-writer.js';

/** Tells a party that is there what waits for it, once the SDP of the other side has passed. */
export async function releaseHeld(
  held: HeldSignals,
  { trx, tell }: Change,
  session: LiveSession,
  to: Role,
  target: Link,
): Promise<void> {
  const described = to === 'device' ? session.offeredAt : session.answeredAt;
  if (described === null) return;
  for (const { type, body } of await held.take(trx, session.id, to)) {
    tell(target.connectionId, { type: 'signal', sessionId: session.id, signal: type }, body);
  }
}
