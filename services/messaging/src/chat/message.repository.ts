import type { ChannelId, ChannelType, MessageId, ServerId, UserId } from '@parley/contracts';
import { sql as raw } from 'kysely';
import type { Sql, Trx } from '../messaging.tables.js';
import type { MessageRow } from './chat.tables.js';

/** A member who writes in a channel, and what is known of the channel. */
export interface Writer {
  readonly channelId: ChannelId;
  readonly userId: UserId;
  readonly serverId: ServerId;
  readonly type: ChannelType;
  readonly ownerId: UserId;
  /** Of all messages of the channel, deleted ones too. */
  readonly newest: MessageId | null;
}

/** Those of the pairs who may see the channel. Until the transaction ends, the channels stay. */
export async function writersOf(
  trx: Trx,
  pairs: readonly { readonly channelId: ChannelId; readonly actorId: UserId }[],
): Promise<readonly Writer[]> {
  const channelIds = pairs.map(({ channelId }) => channelId);
  const userIds = pairs.map(({ actorId }) => actorId);
  const { rows } = await raw<Writer>`
    SELECT c.id AS "channelId", m.user_id AS "userId", c.server_id AS "serverId", c.type, s.owner_id AS "ownerId",
      (SELECT id FROM messages WHERE channel_id = c.id ORDER BY id DESC LIMIT 1) AS newest
    FROM unnest(${channelIds}::uuid[], ${userIds}::uuid[]) AS asked (channel_id, user_id)
    JOIN channels c ON c.id = asked.channel_id
    JOIN servers s ON s.id = c.server_id AND s.removed_at IS NULL
    JOIN members m ON m.server_id = c.server_id AND m.user_id = asked.user_id
    FOR KEY SHARE OF c`.execute(trx);
  return rows;
}

/** Those that are there and not deleted. */
export async function messagesById(sql: Sql, ids: readonly MessageId[]): Promise<MessageRow[]> {
  if (ids.length === 0) return [];
  return sql
    .selectFrom('messages')
    .selectAll()
    .where('id', '=', raw<MessageId>`ANY (${[...ids]}::uuid[])`)
    .where('removed_at', 'is', null)
    .execute();
}

export async function insertMessages(trx: Trx, rows: readonly MessageRow[]): Promise<void> {
  if (rows.length === 0) return;
  await raw`
    INSERT INTO messages (id, channel_id, author_id, content, reply_to, created_at)
    SELECT * FROM unnest(
      ${rows.map((row) => row.id)}::uuid[],
      ${rows.map((row) => row.channel_id)}::uuid[],
      ${rows.map((row) => row.author_id)}::uuid[],
      ${rows.map((row) => row.content)}::text[],
      ${rows.map((row) => row.reply_to)}::uuid[],
      ${rows.map((row) => row.created_at.toISOString())}::timestamptz[])`.execute(trx);
}

/** Content and times of messages that exist. */
export async function updateMessages(trx: Trx, rows: readonly MessageRow[]): Promise<void> {
  if (rows.length === 0) return;
  await raw`
    UPDATE messages SET content = new.content, updated_at = new.updated_at, removed_at = new.removed_at
    FROM unnest(
      ${rows.map((row) => row.id)}::uuid[],
      ${rows.map((row) => row.content)}::text[],
      ${rows.map((row) => row.updated_at?.toISOString() ?? null)}::timestamptz[],
      ${rows.map((row) => row.removed_at?.toISOString() ?? null)}::timestamptz[]
    ) AS new (id, content, updated_at, removed_at)
    WHERE messages.id = new.id`.execute(trx);
}

/** Newest first, deleted ones left out. */
export function messagesOf(
  sql: Sql,
  channelId: ChannelId,
  before: MessageId | undefined,
  limit: number,
): Promise<MessageRow[]> {
  return sql
    .selectFrom('messages')
    .selectAll()
    .where('channel_id', '=', channelId)
    .where('removed_at', 'is', null)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? null))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}
