import type { ChatMessage, ServerId } from '@parley/contracts';
import type { MessageRow } from './chat.tables.js';

export function messageOf(row: MessageRow, serverId: ServerId): ChatMessage {
  return {
    id: row.id,
    channelId: row.channel_id,
    serverId,
    authorId: row.author_id,
    content: row.content,
    replyTo: row.reply_to,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at?.toISOString() ?? null,
  };
}
