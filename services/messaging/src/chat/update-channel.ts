import { fail, ok, serverEvent, type Channel, type channels } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { channelOf, isTooMuchText } from './channel.js';
import { channelOfServer, channelTextBytes, updateChannel as update } from './channel.repository.js';
import type { Chat, Result } from './chat.js';
import { noChannel, noServer, ownerOnly } from './refusals.js';
import { lockServer } from './server.repository.js';
import { given, storable } from './text.js';

type Request = Static<typeof channels.update.request>;

/** A position that another channel has is shared; the older one comes first. */
export async function updateChannel(
  { writes }: Chat,
  { actorId, serverId, channelId, name, topic, position }: Request,
  shard: number,
): Promise<Result<Channel, 'not_found' | 'forbidden'>> {
  const texts = storable({ name, topic });
  if (!texts.ok) return texts;
  const changes = given({ ...texts.value, position });
  return writes.run(shard, async (trx, announce) => {
    const standing = await lockServer(trx, serverId, actorId);
    if (standing?.isMember !== true) return noServer;
    const row = await channelOfServer(trx, serverId, channelId);
    if (row === undefined) return noChannel;
    if (!standing.isOwner) return ownerOnly;
    if (Object.keys(changes).length === 0) return ok(channelOf(row));
    if (isTooMuchText({ ...row, ...changes }, await channelTextBytes(trx, serverId, channelId))) {
      return fail('invalid', 'The topics of this server are too long together.', { field: 'topic' });
    }
    const channel = channelOf(await update(trx, channelId, changes));
    announce(serverEvent, serverId, { type: 'channel_updated', channel });
    return ok(channel);
  });
}
