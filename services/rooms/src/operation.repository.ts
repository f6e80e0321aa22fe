import type { ConnectionId, LoggedOperation, RoomId, UserId } from '@parley/contracts';
import type { Database } from '@parley/database';
import { sql as raw, type RawBuilder } from 'kysely';
import type { Entry } from './room-document.js';
import type { RoomsTables, Sql, Trx } from './rooms.tables.js';

/** Operations of one room that are written and announced together, in order without a gap. */
export interface RoomBatch {
  readonly roomId: RoomId;
  readonly entries: readonly Entry[];
  /** For each entry the first version of the event that will announce it. */
  readonly events: readonly number[];
}

/**
 * One statement, which is a transaction by itself: all of it, or nothing when one of the shards is not ours any more
 * (false). `fence` gives a row for each of the `shards` that is. `unmarked`: rooms that do not say yet that they have
 * something to announce.
 */
export async function insertOperations(
  database: Pick<Database<RoomsTables>, 'prepared'>,
  batches: readonly RoomBatch[],
  unmarked: readonly RoomId[],
  fence: RawBuilder<unknown>,
  shards: number,
): Promise<boolean> {
  const columns = new Columns();
  for (const batch of batches) columns.add(batch);
  // Planning it would take longer than writing a small batch. Its text is one of two.
  const name = unmarked.length === 0 ? 'insert-operations' : 'insert-operations-and-mark';
  const statement = raw<Record<string, never>>`
    WITH held AS (${fence}), marked AS (${mark(unmarked, shards)})
    INSERT INTO operations (room_id, version, operation_id, user_id, connection_id, base_version, batch_version, operation)
    SELECT * FROM unnest(
      ${columns.roomIds}::text[], ${columns.versions}::bigint[], ${columns.ids}::text[], ${columns.userIds}::uuid[],
      ${columns.connectionIds}::uuid[], ${columns.baseVersions}::bigint[], ${columns.events}::bigint[],
      ${columns.texts}::text[])
    WHERE (SELECT count(*) FROM held) = ${shards}`;
  const { rowCount } = await database.prepared(name, statement);
  return rowCount > 0;
}

/** Only what has to change is written: a row for every batch would cost as much as the operations. */
function mark(unmarked: readonly RoomId[], shards: number): RawBuilder<unknown> {
  if (unmarked.length === 0) return raw`SELECT 1`;
  return raw`
    UPDATE rooms SET unannounced = true
    WHERE id = ANY (${[...unmarked]}::text[]) AND (SELECT count(*) FROM held) = ${shards}`;
}

class Columns {
  readonly roomIds: string[] = [];
  readonly versions: number[] = [];
  readonly ids: string[] = [];
  readonly userIds: string[] = [];
  readonly connectionIds: string[] = [];
  readonly baseVersions: number[] = [];
  readonly events: number[] = [];
  readonly texts: string[] = [];

  add({ roomId, entries, events }: RoomBatch): void {
    entries.forEach(({ version, baseVersion, text, tag }, index) => {
      this.roomIds.push(roomId);
      this.versions.push(version);
      this.ids.push(tag.id);
      this.userIds.push(tag.userId);
      this.connectionIds.push(tag.connectionId);
      this.baseVersions.push(baseVersion);
      this.events.push(events[index] ?? version);
      this.texts.push(text);
    });
  }
}

interface Row {
  readonly version: number;
  readonly operation_id: string;
  readonly user_id: UserId;
  readonly connection_id: ConnectionId;
  readonly base_version: number;
  readonly batch_version: number;
  readonly operation: string;
}

export interface StoredEntry {
  readonly entry: Entry;
  readonly batchVersion: number;
}

/** After `since`, oldest first. */
export async function operationsAfter(
  sql: Sql,
  roomId: RoomId,
  since: number,
  limit: number,
): Promise<readonly StoredEntry[]> {
  const rows: readonly Row[] = await sql
    .selectFrom('operations')
    .select(['version', 'operation_id', 'user_id', 'connection_id', 'base_version', 'batch_version', 'operation'])
    .where('room_id', '=', roomId)
    .where('version', '>', since)
    .orderBy('version')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    entry: {
      baseVersion: row.base_version,
      version: row.version,
      text: row.operation,
      tag: { id: row.operation_id, userId: row.user_id, connectionId: row.connection_id },
    },
    batchVersion: row.batch_version,
  }));
}

/** After which version operations are kept, and the newest version. */
export async function newestVersion(
  sql: Sql,
  roomId: RoomId,
): Promise<{ readonly logStart: number; readonly version: number }> {
  const { rows } = await raw<{ logStart: number; version: number }>`
    SELECT log_start AS "logStart",
      coalesce((SELECT max(version) FROM operations WHERE room_id = ${roomId}), snapshot_version) AS version
    FROM rooms WHERE id = ${roomId}`.execute(sql);
  return rows[0] ?? { logStart: 1, version: 1 };
}

/** How much there is after `since`. */
export async function logSize(
  sql: Sql,
  roomId: RoomId,
  since: number,
): Promise<{ readonly operations: number; readonly bytes: number }> {
  const { rows } = await raw<{ operations: number; bytes: number }>`
    SELECT count(*) AS operations, coalesce(sum(octet_length(operation)), 0)::bigint AS bytes
    FROM operations WHERE room_id = ${roomId} AND version > ${since}`.execute(sql);
  return rows[0] ?? { operations: 0, bytes: 0 };
}

/** Those of the ids that the log has, with their versions. */
export async function versionsOf(
  sql: Sql,
  roomId: RoomId,
  ids: readonly string[],
): Promise<readonly (readonly [string, number])[]> {
  const rows = await sql
    .selectFrom('operations')
    .select(['operation_id', 'version'])
    .where('room_id', '=', roomId)
    .where('operation_id', '=', raw<string>`ANY (${[...ids]}::text[])`)
    .execute();
  return rows.map(({ operation_id, version }) => [operation_id, version]);
}

/** The snapshot as it is now. Undefined: the room is gone. */
export async function snapshotOf(
  sql: Sql,
  roomId: RoomId,
): Promise<{ readonly snapshot: string; readonly version: number; readonly logStart: number } | undefined> {
  const row = await sql
    .selectFrom('rooms')
    .select(['snapshot', 'snapshot_version', 'log_start'])
    .where('id', '=', roomId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return row && { snapshot: row.snapshot, version: row.snapshot_version, logStart: row.log_start };
}

/** Never older than what is there, never ahead of the log. */
export async function saveSnapshot(trx: Trx, roomId: RoomId, version: number, snapshot: string): Promise<boolean> {
  const { numAffectedRows } = await raw`
    UPDATE rooms SET snapshot = ${snapshot}, snapshot_version = ${version}
    WHERE id = ${roomId} AND snapshot_version < ${version}
      AND EXISTS (SELECT 1 FROM operations WHERE room_id = ${roomId} AND version = ${version})`.execute(trx);
  return (numAffectedRows ?? 0n) > 0n;
}

export interface LogRule {
  /** Newest operations that stay however old they are. */
  readonly operations: number;
  /** Younger ones stay however many they are. */
  readonly ageMs: number;
}

/** Rooms whose log is longer than the rule wants, if it is old enough. */
export async function longLogs(
  sql: Sql,
  shards: readonly number[],
  rule: LogRule,
  limit: number,
): Promise<readonly RoomId[]> {
  const { rows } = await raw<{ id: RoomId }>`
    SELECT r.id FROM rooms r
    WHERE r.shard = ANY (${[...shards]}::smallint[]) AND r.snapshot_version - r.log_start > ${rule.operations}
      AND r.removed_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM operations o WHERE o.room_id = r.id AND o.version = r.log_start + 1
          AND o.created_at > now() - ${rule.ageMs} * interval '1 millisecond')
    LIMIT ${limit}`.execute(sql);
  return rows.map(({ id }) => id);
}

/** Up to `limit` of the oldest operations that the rule lets go: what the snapshot has and everybody was told of. */
export async function pruneLog(trx: Trx, roomId: RoomId, rule: LogRule, limit: number): Promise<number> {
  const { rows } = await raw<{ pruned: number }>`
    WITH room AS (
      SELECT log_start, least(snapshot_version, announced_version) - ${rule.operations}::bigint AS until
      FROM rooms WHERE id = ${roomId} FOR UPDATE
    ), oldest AS (
      SELECT o.version, o.created_at FROM operations o, room
      WHERE o.room_id = ${roomId} AND o.version > room.log_start AND o.version <= room.until
      ORDER BY o.version LIMIT ${limit}
    ), young AS (
      SELECT min(version) AS first FROM oldest WHERE created_at > now() - ${rule.ageMs} * interval '1 millisecond'
    ), gone AS (
      DELETE FROM operations USING oldest, young
      WHERE operations.room_id = ${roomId} AND operations.version = oldest.version
        AND (young.first IS NULL OR oldest.version < young.first)
      RETURNING operations.version
    ), moved AS (
      UPDATE rooms SET log_start = greatest(log_start, (SELECT max(version) FROM gone))
      WHERE id = ${roomId} AND EXISTS (SELECT 1 FROM gone)
    )
    SELECT count(*) AS pruned FROM gone`.execute(trx);
  return rows[0]?.pruned ?? 0;
}

export function loggedOperation({ entry }: StoredEntry): LoggedOperation {
  const { baseVersion, version, text, tag } = entry;
  return { id: tag.id, userId: tag.userId, baseVersion, version, operation: text };
}
