import { newChannelId, type ChannelId, type ServerId, type UserId } from '@parley/contracts';
import { sql as raw } from 'kysely';
import type { Sql, Trx } from '../messaging.tables.js';
import type { ChannelRow } from './chat.tables.js';

export type NewChannel = Pick<ChannelRow, 'server_id' | 'name' | 'type' | 'position' | 'topic'>;
export type ChannelChanges = Partial<Pick<ChannelRow, 'name' | 'topic' | 'position'>>;

/** How many a server has, and the position behind the last of them. */
export async function countChannels(
  trx: Trx,
  serverId: ServerId,
): Promise<{ readonly count: number; readonly next: number }> {
  const { count, last } = await trx
    .selectFrom('channels')
    .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max<number | null>('position').as('last')])
    .where('server_id', '=', serverId)
    .executeTakeFirstOrThrow();
  return { count, next: last === null ? 0 : last + 1 };
}

/** Bytes that names and topics of the server's channels take as JSON, `except` one. */
export async function channelTextBytes(trx: Trx, serverId: ServerId, except?: ChannelId): Promise<number> {
  const { rows } = await raw<{ bytes: number }>`
    SELECT coalesce(sum(octet_length(to_json(name)::text) + coalesce(octet_length(to_json(topic)::text), 4)), 0)::int AS bytes
    FROM channels WHERE server_id = ${serverId} AND id IS DISTINCT FROM ${except ?? null}::uuid`.execute(trx);
  return rows[0]?.bytes ?? 0;
}

export function insertChannel(trx: Trx, channel: NewChannel): Promise<ChannelRow> {
  return trx
    .insertInto('channels')
    .values({ id: newChannelId(), ...channel })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function channelOfServer(sql: Sql, serverId: ServerId, channelId: ChannelId): Promise<ChannelRow | undefined> {
  return sql
    .selectFrom('channels')
    .selectAll()
    .where('id', '=', channelId)
    .where('server_id', '=', serverId)
    .executeTakeFirst();
}

export function updateChannel(trx: Trx, channelId: ChannelId, changes: ChannelChanges): Promise<ChannelRow> {
  return trx.updateTable('channels').set(changes).where('id', '=', channelId).returningAll().executeTakeFirstOrThrow();
}

/** Its messages cannot be reached any more; `removed_channels` sees to it that they go as well. False: there was none. */
export async function deleteChannel(
  trx: Trx,
  shard: number,
  serverId: ServerId,
  channelId: ChannelId,
): Promise<boolean> {
  // Waits for posts that are being committed, and none can follow.
  const { numDeletedRows } = await trx
    .deleteFrom('channels')
    .where('id', '=', channelId)
    .where('server_id', '=', serverId)
    .executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) return false;
  await trx.insertInto('removed_channels').values({ channel_id: channelId, shard }).execute();
  return true;
}

/** The channel, if the user is a member of its server. */
export function channelOfMember(sql: Sql, channelId: ChannelId, userId: UserId): Promise<ChannelRow | undefined> {
  return sql
    .selectFrom('channels')
    .innerJoin('servers', 'servers.id', 'channels.server_id')
    .innerJoin('members', 'members.server_id', 'channels.server_id')
    .selectAll('channels')
    .where('channels.id', '=', channelId)
    .where('members.user_id', '=', userId)
    .where('servers.removed_at', 'is', null)
    .executeTakeFirst();
}

/** In order of position, then of age. */
export function channelsOf(sql: Sql, serverId: ServerId): Promise<ChannelRow[]> {
  return sql
    .selectFrom('channels')
    .selectAll()
    .where('server_id', '=', serverId)
    .orderBy('position')
    .orderBy(raw`id`)
    .execute();
}
