import { sql, type QueryExecutorProvider } from 'kysely';

/** An event as it waits in the outbox. */
export interface OutboxEvent {
  readonly shard: number | undefined;
  readonly subject: string;
  readonly data: Uint8Array;
  readonly messageId: string;
  readonly traceparent: string | undefined;
}

export interface OutboxRow {
  readonly id: number;
  readonly subject: string;
  readonly data: Buffer;
  readonly messageId: string;
  readonly traceparent: string | null;
}

export async function insertEvents(db: QueryExecutorProvider, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(
    ({ shard, subject, data, messageId, traceparent }) =>
      sql`(${shard ?? null}::smallint, ${subject}, ${Buffer.from(data.buffer, data.byteOffset, data.byteLength)}::bytea,
           ${messageId}, ${traceparent ?? null})`,
  );
  await sql`INSERT INTO outbox (shard, subject, data, message_id, traceparent) VALUES ${sql.join(rows)}`.execute(db);
}

/** The oldest events of a shard. Its owner is the only one who reads them. */
export async function readShard(db: QueryExecutorProvider, shard: number, limit: number): Promise<OutboxRow[]> {
  const { rows } = await sql<OutboxRow>`
    SELECT id, subject, data, message_id AS "messageId", traceparent FROM outbox
    WHERE shard = ${shard} ORDER BY id LIMIT ${limit}
  `.execute(db);
  return rows;
}

/**
 * The oldest events of no shard. Any replica may come for them, so they are locked until the transaction ends; whoever
 * comes second waits, and finds those that are left.
 */
export async function lockUnsharded(trx: QueryExecutorProvider, limit: number): Promise<OutboxRow[]> {
  const { rows } = await sql<OutboxRow>`
    SELECT id, subject, data, message_id AS "messageId", traceparent FROM outbox
    WHERE shard IS NULL ORDER BY id LIMIT ${limit} FOR UPDATE
  `.execute(trx);
  return rows;
}

export async function deleteEvents(db: QueryExecutorProvider, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`DELETE FROM outbox WHERE id = ANY (${[...ids]}::bigint[])`.execute(db);
}

/** Which of the shards have events waiting, and whether any of no shard do. One index probe each. */
export async function findWaiting(
  db: QueryExecutorProvider,
  shards: readonly number[],
): Promise<readonly (number | undefined)[]> {
  const { rows } = await sql<{ shard: number | null }>`
    SELECT shard FROM unnest(${[...shards]}::smallint[]) AS shard
    WHERE EXISTS (SELECT 1 FROM outbox WHERE outbox.shard = shard.shard)
    UNION ALL
    SELECT NULL WHERE EXISTS (SELECT 1 FROM outbox WHERE outbox.shard IS NULL)
  `.execute(db);
  return rows.map(({ shard }) => shard ?? undefined);
}

/** How many wait, counted up to `limit`. */
export async function countWaiting(db: QueryExecutorProvider, limit: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT ${limit}) AS counted
  `.execute(db);
  return rows[0]?.count ?? 0;
}
