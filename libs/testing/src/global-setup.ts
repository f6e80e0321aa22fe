import { DATABASE_VARIABLE } from './fresh-database.js';
import { startPostgres } from './postgres.js';

/** Vitest's globalSetup: one Postgres for the run. Its workers inherit the variable, `freshDatabase()` reads it. */
export default async function setup(): Promise<() => Promise<void>> {
  if ((process.env[DATABASE_VARIABLE] ?? '') !== '') return () => Promise.resolve();
  const postgres = await startPostgres();
  process.env[DATABASE_VARIABLE] = postgres.url;
  return async () => {
    process.env[DATABASE_VARIABLE] = '';
    await postgres.stop();
  };
}
