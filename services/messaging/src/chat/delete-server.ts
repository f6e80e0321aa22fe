import { ok, serverEvent, type servers } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { noServer, ownerOnly } from './refusals.js';
import { lockServer, markRemoved } from './server.repository.js';

type Request = Static<typeof servers.delete.request>;

/** Gone for everybody at once. Its members, channels and messages follow in batches, whatever happens to this process. */
export async function deleteServer(
  { writes, removed }: Chat,
  { actorId, serverId }: Request,
  shard: number,
): Promise<Result<Record<string, never>, 'not_found' | 'forbidden'>> {
  const done = await writes.run(shard, async (trx, announce) => {
    const standing = await lockServer(trx, serverId, actorId);
    if (standing?.isMember !== true) return noServer;
    if (!standing.isOwner) return ownerOnly;
    await markRemoved(trx, serverId);
    announce(serverEvent, serverId, { type: 'server_deleted' });
    return ok({});
  });
  if (done.ok) removed();
  return done;
}
