import { membershipChanged, serverEvent, type ServerId, type UserId } from '@parley/contracts';
import type { Trx } from '../messaging.tables.js';
import type { Announce } from './chat-writes.js';
import { memberships } from './chat.metrics.js';
import { deleteMember } from './server.repository.js';

/** False when the user was no member. The server hears it first, the user's own connections after it. */
export async function endMembership(
  trx: Trx,
  announce: Announce,
  { serverId, userId }: { readonly serverId: ServerId; readonly userId: UserId },
  change: 'left' | 'kicked' | 'banned',
): Promise<boolean> {
  const server = await deleteMember(trx, serverId, userId);
  if (server === undefined) return false;
  announce(serverEvent, serverId, { type: 'member_left', userId, memberCount: server.member_count });
  announce(membershipChanged, userId, { userId, serverId, change: 'left' });
  memberships.add(1, { change });
  return true;
}
