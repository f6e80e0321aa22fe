import { freshDatabase, type FreshDatabase } from '@parley/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type Database } from './database.js';
import { isUniqueViolation } from './failures.js';
import { quiet } from './fixtures/open.js';

let fresh: FreshDatabase;
let database: Database<unknown>;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = createDatabase<unknown>({ url: fresh.url, schema: 'public', poolSize: 1, logger: quiet });
  await sql`CREATE TABLE numbers (number bigint PRIMARY KEY)`.execute(database.kysely);
});

afterAll(async () => {
  await database.close();
  await fresh.drop();
});

const insert = (numbers: readonly number[]) =>
  database.prepared<{ number: number }>(
    'insert-numbers',
    sql`INSERT INTO numbers SELECT * FROM unnest(${[...numbers]}::bigint[]) RETURNING number`,
  );

test('a prepared statement gives what it would give otherwise, whatever its parameters', async () => {
  expect(await insert([1, 2])).toEqual({ rows: [{ number: 1 }, { number: 2 }], rowCount: 2 });
  expect(await insert([])).toEqual({ rows: [], rowCount: 0 });
  await expect(insert([2])).rejects.toSatisfy((error) => isUniqueViolation(error));
  expect(await insert([3])).toEqual({ rows: [{ number: 3 }], rowCount: 1 });
});

test('it is parsed once for a connection', async () => {
  for (const number of [10, 11, 12]) await insert([number]);
  const { rows } = await sql<{ name: string }>`SELECT name FROM pg_prepared_statements`.execute(database.kysely);
  expect(rows).toEqual([{ name: 'insert-numbers' }]);
});

test('a connection that was lost takes its statements with it, and the next one has them anew', async () => {
  const end = sql`SELECT pg_terminate_backend(pg_backend_pid())`.execute(database.kysely);
  await expect(end).rejects.toThrow();
  expect(await insert([20])).toEqual({ rows: [{ number: 20 }], rowCount: 1 });
});
