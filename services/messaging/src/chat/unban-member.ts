import { fail, ok, type servers } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { noServer, ownerOnly } from './refusals.js';
import { deleteBan, lockServer } from './server.repository.js';

type Request = Static<typeof servers.unban.request>;

/** The user may join again; who was a member before is none yet. */
export function unbanMember(
  { writes }: Chat,
  { actorId, serverId, userId }: Request,
  shard: number,
): Promise<Result<Record<string, never>, 'not_found' | 'forbidden'>> {
  return writes.run(shard, async (trx) => {
    const standing = await lockServer(trx, serverId, actorId);
    if (standing?.isMember !== true) return noServer;
    if (!standing.isOwner) return ownerOnly;
    return (await deleteBan(trx, serverId, userId)) ? ok({}) : fail('not_found', 'This user is not banned.');
  });
}
