import { ok, serverEvent, type channels } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { channelOfServer, deleteChannel as remove } from './channel.repository.js';
import type { Chat, Result } from './chat.js';
import { noChannel, noServer, ownerOnly } from './refusals.js';
import { lockServer } from './server.repository.js';

type Request = Static<typeof channels.delete.request>;

export async function deleteChannel(
  { writes, removed }: Chat,
  { actorId, serverId, channelId }: Request,
  shard: number,
): Promise<Result<Record<string, never>, 'not_found' | 'forbidden'>> {
  const done = await writes.run(shard, async (trx, announce) => {
    const standing = await lockServer(trx, serverId, actorId);
    if (standing?.isMember !== true) return noServer;
    if ((await channelOfServer(trx, serverId, channelId)) === undefined) return noChannel;
    if (!standing.isOwner) return ownerOnly;
    await remove(trx, shard, serverId, channelId);
    announce(serverEvent, serverId, { type: 'channel_deleted', channelId });
    return ok({});
  });
  if (done.ok) removed();
  return done;
}
