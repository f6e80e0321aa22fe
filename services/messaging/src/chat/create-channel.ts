import { fail, ok, serverEvent, type Channel, type channels } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { channelOf, isTooMuchText } from './channel.js';
import { channelTextBytes, countChannels, insertChannel } from './channel.repository.js';
import type { Chat, Result } from './chat.js';
import { noServer, ownerOnly } from './refusals.js';
import { lockServer } from './server.repository.js';
import { storable } from './text.js';

type Request = Static<typeof channels.create.request>;

/** Behind the channels that are there. */
export async function createChannel(
  { writes, limits }: Chat,
  { actorId, serverId, type, name, topic }: Request,
  shard: number,
): Promise<Result<Channel, 'not_found' | 'forbidden' | 'limit_exceeded'>> {
  const texts = storable({ name, topic: topic ?? null });
  if (!texts.ok) return texts;
  return writes.run(shard, async (trx, announce) => {
    const standing = await lockServer(trx, serverId, actorId);
    if (standing?.isMember !== true) return noServer;
    if (!standing.isOwner) return ownerOnly;
    const { count, next } = await countChannels(trx, serverId);
    if (count >= limits.channelsPerServer) {
      return fail('limit_exceeded', `A server has at most ${String(limits.channelsPerServer)} channels.`);
    }
    if (isTooMuchText(texts.value, await channelTextBytes(trx, serverId))) {
      return fail('limit_exceeded', 'The topics of this server are too long together.');
    }
    const row = await insertChannel(trx, { server_id: serverId, type, position: next, ...texts.value });
    const channel = channelOf(row);
    announce(serverEvent, serverId, { type: 'channel_created', channel });
    return ok(channel);
  });
}
