import { sql, type RawBuilder, type SqlBool } from 'kysely';

/** Rows of these shards. Of none there are none: the last shard may go while upkeep is under way. */
export function ofShards(shards: readonly number[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`shard = ANY (${[...shards]}::smallint[])`;
}
