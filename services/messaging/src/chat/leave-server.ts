import { fail, ok, type servers } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { endMembership } from './end-membership.js';
import { noServer } from './refusals.js';
import { lockServer } from './server.repository.js';

type Request = Static<typeof servers.leave.request>;

export function leaveServer(
  { writes }: Chat,
  { actorId, serverId }: Request,
  shard: number,
): Promise<Result<Record<string, never>, 'not_found' | 'conflict'>> {
  return writes.run(shard, async (trx, announce) => {
    const standing = await lockServer(trx, serverId, actorId);
    if (standing?.isMember !== true) return noServer;
    if (standing.isOwner) return fail('conflict', 'The owner cannot leave; the server can be deleted.');
    await endMembership(trx, announce, { serverId, userId: actorId }, 'left');
    return ok({});
  });
}
