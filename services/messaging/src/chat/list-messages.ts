import { ok, type messages } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Static } from '@sinclair/typebox';
import { channelOfMember } from './channel.repository.js';
import type { Chat, Result } from './chat.js';
import { messageOf } from './message.js';
import { messagesOf } from './message.repository.js';
import { noChannel } from './refusals.js';
import { fittingReply } from './reply-size.js';

type Request = Static<typeof messages.list.request>;
type Reply = Static<typeof messages.list.reply>;

export async function listMessages(
  { sql }: Chat,
  { actorId, channelId, before, limit }: Request,
): Promise<Result<Reply, 'not_found'>> {
  const found = await attempt(async () => {
    const channel = await channelOfMember(sql, channelId, actorId);
    if (channel === undefined) return undefined;
    const rows = await messagesOf(sql, channelId, before, limit + 1);
    return rows.map((row) => messageOf(row, channel.server_id));
  });
  if (!found.ok) return found;
  if (found.value === undefined) return noChannel;
  const page = fittingReply(found.value.slice(0, limit));
  return ok({ messages: [...page], more: found.value.length > page.length });
}
