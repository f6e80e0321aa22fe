import { ok, type ChatMessage, type messages } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { authorOnly, noMessage } from './refusals.js';
import { storable } from './text.js';

type Request = Static<typeof messages.edit.request>;

export async function editMessage(
  { messages }: Pick<Chat, 'messages'>,
  { actorId, channelId, messageId, ...given }: Request,
  shard: number,
): Promise<Result<ChatMessage, 'not_found' | 'forbidden'>> {
  const texts = storable({ content: given.content });
  if (!texts.ok) return texts;
  return messages.submit(shard, {
    channelId,
    actorId,
    messageId,
    apply(batch) {
      const writer = batch.writer(channelId, actorId);
      const message = batch.message(channelId, messageId);
      if (writer === undefined || message === undefined) return noMessage;
      if (message.author_id !== actorId) return authorOnly;
      return ok(batch.edit(writer, message, texts.value.content));
    },
  });
}
