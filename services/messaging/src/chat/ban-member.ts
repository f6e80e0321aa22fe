import { fail, ok, type servers } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { endMembership } from './end-membership.js';
import { noServer, ownerOnly } from './refusals.js';
import { insertBan, lockServer } from './server.repository.js';

type Request = Static<typeof servers.ban.request>;

/** Again changes nothing. */
export function banMember(
  { writes }: Chat,
  { actorId, serverId, userId }: Request,
  shard: number,
): Promise<Result<Record<string, never>, 'not_found' | 'forbidden' | 'conflict'>> {
  return writes.run(shard, async (trx, announce) => {
    const standing = await lockServer(trx, serverId, actorId);
    if (standing?.isMember !== true) return noServer;
    if (!standing.isOwner) return ownerOnly;
    if (userId === standing.server.owner_id) return fail('conflict', 'The owner cannot be banned.');
    await insertBan(trx, serverId, userId);
    await endMembership(trx, announce, { serverId, userId }, 'banned');
    return ok({});
  });
}
