import { fail, ok, type ChatMessage, type messages } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Chat, Result } from './chat.js';
import { noChannel } from './refusals.js';
import { storable } from './text.js';

type Request = Static<typeof messages.post.request>;

export async function postMessage(
  { messages }: Pick<Chat, 'messages'>,
  { actorId, channelId, replyTo, ...given }: Request,
  shard: number,
): Promise<Result<ChatMessage, 'not_found'>> {
  const texts = storable({ content: given.content });
  if (!texts.ok) return texts;
  return messages.submit(shard, {
    channelId,
    actorId,
    messageId: replyTo,
    apply(batch) {
      const writer = batch.writer(channelId, actorId);
      if (writer === undefined) return noChannel;
      if (writer.type !== 'text') return fail('invalid', 'Channel is not a text channel');
      if (replyTo !== undefined && batch.message(channelId, replyTo) === undefined) {
        return fail('not_found', 'There is no such message to reply to.');
      }
      return ok(batch.add(writer, texts.value.content, replyTo ?? null));
    },
  });
}
