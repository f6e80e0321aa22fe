import { createDatabase, isConnectionLoss, migrate, type Database } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseSettings } from './common-options.js';
import type { OpenDatabaseOptions } from './definition.js';

const PATIENCE_MS = 10_000;
const RETRY_MS = 250;

/** Throws an Error of one clear line, without the password, when it cannot be reached or migrated. */
export async function openDatabase<T>(
  schema: string,
  { databaseUrl, databasePool }: DatabaseSettings,
  { migrations, patienceMs = PATIENCE_MS }: OpenDatabaseOptions,
  logger: Logger,
): Promise<Database<T>> {
  const database = createDatabase<T>({
    url: databaseUrl,
    schema,
    poolSize: databasePool,
    name: `parley-${schema}`,
    logger,
  });
  try {
    await migratePatiently(database, migrations, patienceMs);
    return database;
  } catch (error) {
    await database.close(1_000);
    const { host } = new URL(databaseUrl);
    throw new Error(`the database at ${host}: ${reason(error)}`, { cause: error });
  }
}

/** Compose and Kubernetes start everything at once, and Postgres takes longer than we do. */
async function migratePatiently<T>(database: Database<T>, migrations: URL, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      await migrate(database, migrations);
      return;
    } catch (error) {
      if (!isConnectionLoss(error) || performance.now() + RETRY_MS > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** A refused connection to a name with several addresses is an AggregateError without a message. */
function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join('; ');
  return error instanceof Error ? error.message : String(error);
}
