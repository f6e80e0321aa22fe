import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startPostgres, type TestPostgres } from './postgres.js';

/** Set by the global setup, or by whoever wants the tests to use a Postgres that runs already. */
export const DATABASE_VARIABLE = 'PARLEY_TEST_DATABASE_URL';

export interface FreshDatabase {
  readonly url: string;
  /** Ends its sessions and removes it. */
  drop(): Promise<void>;
}

let own: Promise<TestPostgres> | undefined;

/** The URL of the Postgres that this test run shares; without the global setup, one that this process starts once. */
export async function sharedPostgresUrl(): Promise<string> {
  const given = process.env[DATABASE_VARIABLE];
  if (given !== undefined && given !== '') return given;
  own ??= startPostgres();
  return (await own).url;
}

/** A new empty database on the shared Postgres, or on the server of `serverUrl`. */
export async function freshDatabase(serverUrl?: string): Promise<FreshDatabase> {
  const server = serverUrl ?? (await sharedPostgresUrl());
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.toString(),
    drop: () => administer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, query_timeout: 30_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
