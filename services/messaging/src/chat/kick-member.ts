import { fail, ok, type servers } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { endMembership } from './end-membership.js';
import { noMember, noServer, ownerOnly } from './refusals.js';
import { lockServer } from './server.repository.js';

type Request = Static<typeof servers.kick.request>;

export function kickMember(
  { writes }: Chat,
  { actorId, serverId, userId }: Request,
  shard: number,
): Promise<Result<Record<string, never>, 'not_found' | 'forbidden' | 'conflict'>> {
  return writes.run(shard, async (trx, announce) => {
    const standing = await lockServer(trx, serverId, actorId);
    if (standing?.isMember !== true) return noServer;
    if (!standing.isOwner) return ownerOnly;
    if (userId === standing.server.owner_id) return fail('conflict', 'The owner cannot be kicked.');
    return (await endMembership(trx, announce, { serverId, userId }, 'kicked')) ? ok({}) : noMember;
  });
}
