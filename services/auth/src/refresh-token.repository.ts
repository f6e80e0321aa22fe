import type { LoginId } from '@parley/contracts';
import type { Sql } from './auth.tables.js';
import type { RefreshToken, Rotation } from './refresh-token.js';

export async function insertToken(sql: Sql, hash: Buffer, loginId: LoginId, expiresAt: Date): Promise<void> {
  await sql
    .insertInto('refresh_tokens')
    .values({
      hash,
      login_id: loginId,
      expires_at: expiresAt,
      used_at: null,
      successor_salt: null,
      successor_hash: null,
    })
    .execute();
}

export async function tokenByHash(sql: Sql, hash: Buffer): Promise<RefreshToken | undefined> {
  const row = await sql.selectFrom('refresh_tokens').selectAll().where('hash', '=', hash).executeTakeFirst();
  if (row === undefined) return undefined;
  const { used_at: at, successor_salt: salt, successor_hash: successorHash } = row;
  const use = at === null || salt === null || successorHash === null ? undefined : { at, salt, successorHash };
  return { hash: row.hash, loginId: row.login_id, expiresAt: row.expires_at, use };
}

export async function markUsed(sql: Sql, hash: Buffer, successor: Rotation, now: Date): Promise<void> {
  await sql
    .updateTable('refresh_tokens')
    .set({ used_at: now, successor_salt: successor.salt, successor_hash: successor.hash })
    .where('hash', '=', hash)
    .execute();
}

/** At most `batch`. */
export async function deleteExpiredTokens(sql: Sql, now: Date, batch: number): Promise<number> {
  const expired = sql
    .selectFrom('refresh_tokens')
    .select('hash')
    .where('expires_at', '<=', now)
    .limit(batch)
    .forUpdate()
    .skipLocked();
  const deleted = await sql.deleteFrom('refresh_tokens').where('hash', 'in', expired).executeTakeFirst();
  return Number(deleted.numDeletedRows);
}
