import { ok, type messages } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { authorOnly, noMessage } from './refusals.js';

type Request = Static<typeof messages.delete.request>;

export function deleteMessage(
  { messages }: Pick<Chat, 'messages'>,
  { actorId, channelId, messageId }: Request,
  shard: number,
): Promise<Result<Record<string, never>, 'not_found' | 'forbidden'>> {
  return messages.submit(shard, {
    channelId,
    actorId,
    messageId,
    apply(batch) {
      const writer = batch.writer(channelId, actorId);
      const message = batch.message(channelId, messageId);
      if (writer === undefined || message === undefined) return noMessage;
      if (message.author_id !== actorId && writer.ownerId !== actorId) return authorOnly;
      batch.delete(writer, message);
      return ok({});
    },
  });
}
