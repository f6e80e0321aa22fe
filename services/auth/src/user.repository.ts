import type { UserId } from '@parley/contracts';
import { isUniqueViolation } from '@parley/database';
import type { Selectable, Updateable } from 'kysely';
import type { AuthTables, Sql } from './auth.tables.js';
import { nameKey, type Account } from './user.js';

/** The field whose value another account has. */
export type TakenField = 'username' | 'email';

export interface UserChanges {
  readonly username?: string;
  readonly email?: string | null;
  readonly avatarUrl?: string | null;
  readonly passwordHash?: string;
}

/** Throws a unique violation when a name is taken; see `takenField`. */
export async function insertUser(sql: Sql, account: Account): Promise<void> {
  await sql
    .insertInto('users')
    .values({
      id: account.id,
      username: account.username,
      username_key: nameKey(account.username),
      email: account.email,
      email_key: account.email === null ? null : nameKey(account.email),
      avatar_url: account.avatarUrl,
      password_hash: account.passwordHash,
      password_version: account.passwordVersion,
      created_at: account.createdAt,
    })
    .execute();
}

export function takenField(error: unknown): TakenField | undefined {
  if (isUniqueViolation(error, 'users_username_key')) return 'username';
  return isUniqueViolation(error, 'users_email_key') ? 'email' : undefined;
}

export async function userById(sql: Sql, id: UserId): Promise<Account | undefined> {
  return toAccount(await sql.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst());
}

/** The user, and nobody else may change them until the transaction ends. */
export async function userForUpdate(sql: Sql, id: UserId): Promise<Account | undefined> {
  return toAccount(await sql.selectFrom('users').selectAll().where('id', '=', id).forUpdate().executeTakeFirst());
}

export async function userByUsername(sql: Sql, username: string): Promise<Account | undefined> {
  const query = sql.selectFrom('users').selectAll().where('username_key', '=', nameKey(username));
  return toAccount(await query.executeTakeFirst());
}

export async function userByEmail(sql: Sql, email: string): Promise<Account | undefined> {
  const query = sql.selectFrom('users').selectAll().where('email_key', '=', nameKey(email));
  return toAccount(await query.executeTakeFirst());
}

/** Whether the password is still the one that was checked; holds it so until the transaction ends. */
export async function holdPassword(sql: Sql, id: UserId, passwordVersion: number): Promise<boolean> {
  const query = sql
    .selectFrom('users')
    .select('id')
    .where('id', '=', id)
    .where('password_version', '=', passwordVersion);
  return (await query.forShare().executeTakeFirst()) !== undefined;
}

export async function isUserBanned(sql: Sql, id: UserId): Promise<boolean> {
  const query = sql.selectFrom('users').select('id').where('id', '=', id).where('banned_at', 'is not', null);
  return (await query.executeTakeFirst()) !== undefined;
}

/** Whether there is such a user. A ban that stands keeps its date. */
export async function setBan(sql: Sql, id: UserId, bannedAt: Date | null): Promise<boolean> {
  const update = sql
    .updateTable('users')
    .set({ banned_at: bannedAt === null ? null : (users) => users.fn.coalesce('banned_at', users.val(bannedAt)) })
    .where('id', '=', id)
    .returning('id');
  return (await update.executeTakeFirst()) !== undefined;
}

/** Throws a unique violation when a name is taken. */
export async function changeUser(sql: Sql, id: UserId, changes: UserChanges): Promise<Account | undefined> {
  const columns: Updateable<AuthTables['users']> = {};
  if (changes.username !== undefined) {
    columns.username = changes.username;
    columns.username_key = nameKey(changes.username);
  }
  if (changes.email !== undefined) {
    columns.email = changes.email;
    columns.email_key = changes.email === null ? null : nameKey(changes.email);
  }
  if (changes.avatarUrl !== undefined) columns.avatar_url = changes.avatarUrl;
  if (changes.passwordHash !== undefined) columns.password_hash = changes.passwordHash;
  if (Object.keys(columns).length === 0) return userById(sql, id);
  const update = sql
    .updateTable('users')
    .set(columns)
    .$if(changes.passwordHash !== undefined, (query) =>
      query.set((expression) => ({ password_version: expression('password_version', '+', 1) })),
    )
    .where('id', '=', id)
    .returningAll();
  return toAccount(await update.executeTakeFirst());
}

/** The same password under today's parameters; nothing when it was changed meanwhile. */
export async function replaceHash(sql: Sql, account: Account, passwordHash: string): Promise<void> {
  await sql
    .updateTable('users')
    .set({ password_hash: passwordHash })
    .where('id', '=', account.id)
    .where('password_hash', '=', account.passwordHash)
    .execute();
}

function toAccount(row: Selectable<AuthTables['users']> | undefined): Account | undefined {
  if (row === undefined) return undefined;
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    avatarUrl: row.avatar_url,
    passwordHash: row.password_hash,
    passwordVersion: row.password_version,
    createdAt: row.created_at,
  };
}
