import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Database } from './database.js';
import { MigrationError, readMigrations, type Migration } from './migration-files.js';

const HOUSEKEEPING = new URL('../migrations/', import.meta.url);
const STATEMENT_TIMEOUT_MS = 600_000;
const LOCK_WAIT_MS = 660_000;
const LOCK_RETRY_MS = 100;
/** First half of the advisory lock's key, so that it meets no other use of advisory locks. */
const LOCK_CLASS = 0x7061726c;

/**
 * Brings the service's schema up to date: creates it, applies the housekeeping tables (outbox, leases) and then every
 * file of `directory` that was not applied before. Replicas that start together wait for each other. What a newer
 * release has applied is left alone. Returns the names applied now; throws `MigrationError`.
 */
export async function migrate<T>(database: Database<T>, directory: URL | string): Promise<readonly string[]> {
  const sets = [await readMigrations('housekeeping', HOUSEKEEPING), await readMigrations('service', directory)];
  const client = await database.dedicated(STATEMENT_TIMEOUT_MS);
  try {
    await lock(client, database.schema);
    await prepareSchema(client, database.schema);
    const recorded = await readRecorded(client);
    const applied: string[] = [];
    for (const migrations of sets) {
      for (const migration of pending(migrations, recorded)) {
        await apply(client, migration);
        applied.push(migration.name);
      }
    }
    if (applied.length > 0) database.logger.info({ schema: database.schema, applied }, 'migrated');
    return applied;
  } finally {
    // Ends the session and with it the lock.
    await client.end().catch(() => undefined);
  }
}

/** Tried again and again rather than waited for: an open statement would hold back the work of whoever has the lock. */
async function lock(client: pg.Client, schema: string): Promise<void> {
  const deadline = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_lock($1, hashtext($2)) AS locked',
      [LOCK_CLASS, schema],
    );
    if (rows[0]?.locked === true) return;
    if (performance.now() > deadline) {
      throw new MigrationError(`another process has been migrating schema ${schema} for too long`);
    }
    await sleep(LOCK_RETRY_MS);
  }
}

async function prepareSchema(client: pg.Client, schema: string): Promise<void> {
  // Not "IF NOT EXISTS": that asks for the right to create schemas even where there is nothing to create.
  const { rows } = await client.query<{ present: boolean }>('SELECT to_regnamespace($1) IS NOT NULL AS present', [
    schema,
  ]);
  if (rows[0]?.present !== true) await client.query(`CREATE SCHEMA ${schema}`);
  await client.query(
    `CREATE TABLE IF NOT EXISTS ${schema}.schema_migrations (
       name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
}

async function readRecorded(client: pg.Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM schema_migrations',
  );
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

function pending(migrations: readonly Migration[], recorded: ReadonlyMap<string, string>): readonly Migration[] {
  const open = migrations.filter(({ name }) => !recorded.has(name));
  const firstOpen = open[0]?.number ?? Infinity;
  for (const { name, number, checksum } of migrations) {
    const known = recorded.get(name);
    if (known === undefined) continue;
    if (known !== checksum) {
      throw new MigrationError(`${name} was changed after it had been applied; write a new migration instead`);
    }
    if (number > firstOpen) {
      throw new MigrationError(`${open[0]?.name ?? ''} comes before ${name}, which was applied already; renumber it`);
    }
  }
  return open;
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    await client.query(sql);
    await client.query('INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)', [name, checksum]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`${name} failed: ${reason}`, { cause: error });
  }
}
