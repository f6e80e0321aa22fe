import type { ServerId, UserId } from '@parley/contracts';
import { sql as raw } from 'kysely';
import type { Sql, Trx } from '../messaging.tables.js';
import { ofShards } from '../of-shards.repository.js';

export function removedServers(
  sql: Sql,
  shards: readonly number[],
  limit: number,
): Promise<{ readonly id: ServerId; readonly shard: number }[]> {
  return sql
    .selectFrom('servers')
    .select(['id', 'shard'])
    .where(ofShards(shards))
    .where('removed_at', 'is not', null)
    .limit(limit)
    .execute();
}

/** Who they were. */
export async function deleteMembers(trx: Trx, serverId: ServerId, limit: number): Promise<readonly UserId[]> {
  const { rows } = await raw<{ user_id: UserId }>`
    DELETE FROM members WHERE server_id = ${serverId} AND user_id IN (
      SELECT user_id FROM members WHERE server_id = ${serverId} ORDER BY user_id LIMIT ${limit})
    RETURNING user_id`.execute(trx);
  return rows.map(({ user_id }) => user_id);
}

/** The server, which has no members any more, with its channels and bans. Messages follow: see `removed_channels`. */
export async function deleteServerRow(trx: Trx, serverId: ServerId, shard: number): Promise<void> {
  await raw`
    WITH gone AS (DELETE FROM channels WHERE server_id = ${serverId} RETURNING id)
    INSERT INTO removed_channels (channel_id, shard) SELECT id, ${shard}::smallint FROM gone`.execute(trx);
  await trx.deleteFrom('servers').where('id', '=', serverId).execute();
}

/** Messages of removed channels, at most `limit`, then the notes of channels that have none left. How many went. */
export async function deleteOrphans(sql: Sql, shards: readonly number[], limit: number): Promise<number> {
  const channel = await sql
    .selectFrom('removed_channels')
    .select('channel_id')
    .where(ofShards(shards))
    .limit(1)
    .executeTakeFirst();
  if (channel === undefined) return 0;
  const { numAffectedRows = 0n } = await raw`
    DELETE FROM messages WHERE id IN (
      SELECT id FROM messages WHERE channel_id = ${channel.channel_id} LIMIT ${limit})`.execute(sql);
  if (numAffectedRows > 0n) return Number(numAffectedRows);
  await sql.deleteFrom('removed_channels').where('channel_id', '=', channel.channel_id).execute();
  return 1;
}
