import type { LoginId, PublicKey, TopicGrants, UserId } from '@parley/contracts';
import type { ColumnType, Generated, JSONColumnType, Kysely, Transaction } from 'kysely';
import type { RevocationReason } from './login.js';

interface UsersTable {
  id: UserId;
  username: string;
  username_key: string;
  email: string | null;
  email_key: string | null;
  avatar_url: string | null;
  password_hash: string;
  password_version: Generated<number>;
  banned_at: Generated<Date | null>;
  created_at: ColumnType<Date, Date, never>;
}

interface LoginsTable {
  id: LoginId;
  user_id: UserId;
  topics: ColumnType<TopicGrants | null, string | null, never>;
  created_at: ColumnType<Date, Date, never>;
  expires_at: Date;
  revoked_at: Date | null;
  revoked_reason: RevocationReason | null;
}

interface RefreshTokensTable {
  hash: Buffer;
  login_id: LoginId;
  expires_at: Date;
  used_at: Date | null;
  successor_salt: Buffer | null;
  successor_hash: Buffer | null;
}

interface AttemptsTable {
  key: Buffer;
  busy_until: Date;
}

interface SigningKeysTable {
  kid: string;
  public_key: JSONColumnType<PublicKey>;
  private_key: Buffer;
  sealed: boolean;
  signs_from: Date;
}

export interface AuthTables {
  users: UsersTable;
  logins: LoginsTable;
  refresh_tokens: RefreshTokensTable;
  attempts: AttemptsTable;
  signing_keys: SigningKeysTable;
}

/** The pool, or a transaction: what a repository's functions run on. */
export type Sql = Kysely<AuthTables>;
export type Trx = Transaction<AuthTables>;
