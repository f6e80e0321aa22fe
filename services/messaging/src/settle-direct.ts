import { ok, type messaging, type Outcome, type TransportErrorCode } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Static } from '@sinclair/typebox';
import type { DirectMessageRepository } from './direct-message.repository.js';
import type { WaitingAnnouncer } from './waiting-announcer.js';

type Request = Static<typeof messaging.settleDirect.request>;

export interface SettleDirectDependencies {
  readonly repository: Pick<DirectMessageRepository, 'settleClaims'>;
  readonly announcer: Pick<WaitingAnnouncer, 'remind'>;
}

/**
 * What still waits afterwards is announced again: another connection of the user may have been turned away while this one
 * held its claims, and this one may be gone by now.
 */
export async function settleDirect(
  { repository, announcer }: SettleDirectDependencies,
  { userId, messageIds }: Request,
  shard: number,
): Promise<Outcome<Record<string, never>, TransportErrorCode>> {
  if (messageIds.length === 0) return ok({});
  const settled = await attempt(() => repository.settleClaims(userId, messageIds));
  if (!settled.ok) return settled;
  if (settled.value) await announcer.remind({ recipient: userId, shard });
  return ok({});
}
