import type { LoginId, TopicGrants, UserId } from '@parley/contracts';
import { sql as raw, type Selectable } from 'kysely';
import type { AuthTables, Sql } from './auth.tables.js';
import type { Login, RevocationReason } from './login.js';

export interface NewLogin {
  readonly id: LoginId;
  readonly userId: UserId;
  readonly topics: TopicGrants | undefined;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export async function insertLogin(sql: Sql, login: NewLogin): Promise<void> {
  await sql
    .insertInto('logins')
    .values({
      id: login.id,
      user_id: login.userId,
      topics: login.topics === undefined ? null : JSON.stringify(login.topics),
      created_at: login.createdAt,
      expires_at: login.expiresAt,
      revoked_at: null,
      revoked_reason: null,
    })
    .execute();
}

export async function loginById(sql: Sql, id: LoginId): Promise<Login | undefined> {
  return toLogin(await sql.selectFrom('logins').selectAll().where('id', '=', id).executeTakeFirst());
}

/** The login, and no other refresh or revocation of it until the transaction ends. */
export async function loginForUpdate(sql: Sql, id: LoginId): Promise<Login | undefined> {
  return toLogin(await sql.selectFrom('logins').selectAll().where('id', '=', id).forUpdate().executeTakeFirst());
}

export async function extendLogin(sql: Sql, id: LoginId, expiresAt: Date): Promise<void> {
  await sql.updateTable('logins').set({ expires_at: expiresAt }).where('id', '=', id).execute();
}

/** Those that were active; revoking twice is nothing. */
export async function revokeLogin(
  sql: Sql,
  id: LoginId,
  reason: RevocationReason,
  now: Date,
): Promise<{ readonly id: LoginId; readonly userId: UserId } | undefined> {
  const row = await sql
    .updateTable('logins')
    .set({ revoked_at: now, revoked_reason: reason })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning(['id', 'user_id'])
    .executeTakeFirst();
  return row === undefined ? undefined : { id: row.id, userId: row.user_id };
}

/** The active logins of the user, but for the one to keep. Hold the user's row: it orders this against others like it. */
export async function revokeLoginsOf(
  sql: Sql,
  userId: UserId,
  reason: RevocationReason,
  now: Date,
  keep?: LoginId,
): Promise<LoginId[]> {
  const rows = await sql
    .updateTable('logins')
    .set({ revoked_at: now, revoked_reason: reason })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .$if(keep !== undefined, (query) => query.where('id', '!=', keep ?? null))
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}

export async function activeAmong(sql: Sql, ids: readonly LoginId[], now: Date): Promise<Set<LoginId>> {
  if (ids.length === 0) return new Set();
  const rows = await sql
    .selectFrom('logins')
    .select('id')
    .where('id', '=', raw<LoginId>`any(${[...ids]}::uuid[])`)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .execute();
  return new Set(rows.map((row) => row.id));
}

/** At most `batch`; their refresh tokens go with them. Rows that somebody holds wait for the next time. */
export async function deleteExpiredLogins(sql: Sql, now: Date, batch: number): Promise<number> {
  const expired = sql
    .selectFrom('logins')
    .select('id')
    .where('expires_at', '<=', now)
    .limit(batch)
    .forUpdate()
    .skipLocked();
  const deleted = await sql.deleteFrom('logins').where('id', 'in', expired).executeTakeFirst();
  return Number(deleted.numDeletedRows);
}

function toLogin(row: Selectable<AuthTables['logins']> | undefined): Login | undefined {
  if (row === undefined) return undefined;
  return {
    id: row.id,
    userId: row.user_id,
    topics: row.topics ?? undefined,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
  };
}
