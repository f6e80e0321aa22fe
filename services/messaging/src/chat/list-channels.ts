import { ok, type channels } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Static } from '@sinclair/typebox';
import { channelOf } from './channel.js';
import { channelsOf } from './channel.repository.js';
import type { Chat, Result } from './chat.js';
import { noServer } from './refusals.js';
import { serverOfMember } from './server.repository.js';

type Request = Static<typeof channels.list.request>;
type Reply = Static<typeof channels.list.reply>;

export async function listChannels({ sql }: Chat, { actorId, serverId }: Request): Promise<Result<Reply, 'not_found'>> {
  const rows = await attempt(async () => {
    const server = await serverOfMember(sql, serverId, actorId);
    return server === undefined ? undefined : channelsOf(sql, serverId);
  });
  if (!rows.ok) return rows;
  return rows.value === undefined ? noServer : ok({ channels: rows.value.map(channelOf) });
}
