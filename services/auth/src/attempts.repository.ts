import { sql as raw } from 'kysely';
import type { Sql } from './auth.tables.js';

/** How far one attempt pushes a key, and how far ahead of now a key may be pushed. */
export interface Pace {
  readonly stepMs: number;
  readonly windowMs: number;
}

/**
 * Counts one attempt, in one statement, whichever replica asks. Undefined: counted; else how many ms until one would be.
 * Each attempt moves `busy_until` a step further from now; beyond the window there is no more room.
 */
export async function takeAttempt(sql: Sql, key: Buffer, now: Date, pace: Pace): Promise<number | undefined> {
  const step = raw<Date>`${pace.stepMs}::float8 * interval '1 millisecond'`;
  const counted = await raw<{ key: Buffer }>`
    INSERT INTO attempts AS a (key, busy_until) VALUES (${key}, ${now}::timestamptz + ${step})
    ON CONFLICT (key) DO UPDATE SET busy_until = greatest(a.busy_until, ${now}::timestamptz) + ${step}
      WHERE greatest(a.busy_until, ${now}::timestamptz) + ${step}
        <= ${now}::timestamptz + ${pace.windowMs}::float8 * interval '1 millisecond'
    RETURNING key`.execute(sql);
  if (counted.rows.length > 0) return undefined;
  const row = await sql.selectFrom('attempts').select('busy_until').where('key', '=', key).executeTakeFirst();
  const busyMs = row === undefined ? 0 : row.busy_until.getTime() - now.getTime();
  return Math.max(1, busyMs + pace.stepMs - pace.windowMs);
}

export async function giveBackAttempt(sql: Sql, key: Buffer, stepMs: number): Promise<void> {
  await sql
    .updateTable('attempts')
    .set({ busy_until: raw<Date>`busy_until - ${stepMs}::float8 * interval '1 millisecond'` })
    .where('key', '=', key)
    .execute();
}

export async function forgetAttempts(sql: Sql, key: Buffer): Promise<void> {
  await sql.deleteFrom('attempts').where('key', '=', key).execute();
}

/** Rows at rest, at most `batch`. */
export async function deleteRestingAttempts(sql: Sql, now: Date, batch: number): Promise<number> {
  const resting = sql
    .selectFrom('attempts')
    .select('key')
    .where('busy_until', '<=', now)
    .limit(batch)
    .forUpdate()
    .skipLocked();
  const deleted = await sql.deleteFrom('attempts').where('key', 'in', resting).executeTakeFirst();
  return Number(deleted.numDeletedRows);
}

/** Beyond `keep` rows, those that are soonest at rest, at most `batch`: a flood of names must not fill the disk. */
export async function deleteExcessAttempts(sql: Sql, keep: number, batch: number): Promise<number> {
  const { rows } = await raw<{ key: Buffer }>`
    DELETE FROM attempts WHERE key IN (
      SELECT key FROM attempts ORDER BY busy_until
      LIMIT least(${batch}::bigint, greatest(0, (SELECT count(*) FROM attempts) - ${keep}::bigint))
      FOR UPDATE SKIP LOCKED)
    RETURNING key`.execute(sql);
  return rows.length;
}
