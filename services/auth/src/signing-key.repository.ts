import { sql as raw } from 'kysely';
import type { Sql } from './auth.tables.js';
import type { SigningKey } from './signing-key.js';

export async function allKeys(sql: Sql): Promise<SigningKey[]> {
  const rows = await sql.selectFrom('signing_keys').selectAll().orderBy('signs_from', 'desc').execute();
  return rows.map((row) => ({
    kid: row.kid,
    publicKey: row.public_key,
    privateKey: row.private_key,
    sealed: row.sealed,
    signsFrom: row.signs_from,
  }));
}

export async function insertKey(sql: Sql, key: SigningKey): Promise<void> {
  await sql
    .insertInto('signing_keys')
    .values({
      kid: key.kid,
      public_key: JSON.stringify(key.publicKey),
      private_key: key.privateKey,
      sealed: key.sealed,
      signs_from: key.signsFrom,
    })
    .execute();
}

export async function replacePrivateKey(sql: Sql, kid: string, privateKey: Buffer, sealed: boolean): Promise<void> {
  await sql.updateTable('signing_keys').set({ private_key: privateKey, sealed }).where('kid', '=', kid).execute();
}

export async function deleteKeys(sql: Sql, kids: readonly string[]): Promise<void> {
  if (kids.length > 0) await sql.deleteFrom('signing_keys').where('kid', 'in', kids).execute();
}

/** One replica at a time changes the set of keys; held until the transaction ends. */
export async function lockKeys(sql: Sql): Promise<void> {
  await raw`SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.signing_keys'))`.execute(sql);
}
