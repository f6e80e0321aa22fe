import { ok, type messages } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Static } from '@sinclair/typebox';
import { channelOfMember } from './channel.repository.js';
import type { Chat, Result } from './chat.js';
import { messagesById } from './message.repository.js';
import { noMessage } from './refusals.js';

type Request = Static<typeof messages.locate.request>;
type Reply = Static<typeof messages.locate.reply>;

export async function locateMessage(
  { sql }: Chat,
  { actorId, messageId }: Request,
): Promise<Result<Reply, 'not_found'>> {
  const channel = await attempt(async () => {
    const [message] = await messagesById(sql, [messageId]);
    return message === undefined ? undefined : channelOfMember(sql, message.channel_id, actorId);
  });
  if (!channel.ok) return channel;
  return channel.value === undefined ? noMessage : ok({ channelId: channel.value.id });
}
