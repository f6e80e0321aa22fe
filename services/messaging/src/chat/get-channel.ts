import { ok, type Channel, type channels } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Static } from '@sinclair/typebox';
import { channelOf } from './channel.js';
import { channelOfMember } from './channel.repository.js';
import type { Chat, Result } from './chat.js';
import { noChannel } from './refusals.js';

type Request = Static<typeof channels.get.request>;

export async function getChannel(
  { sql }: Chat,
  { actorId, channelId, serverId }: Request,
): Promise<Result<Channel, 'not_found'>> {
  const row = await attempt(() => channelOfMember(sql, channelId, actorId));
  if (!row.ok) return row;
  if (row.value === undefined) return noChannel;
  if (serverId !== undefined && serverId !== row.value.server_id) return noChannel;
  return ok(channelOf(row.value));
}
