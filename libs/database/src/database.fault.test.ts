import { startPostgres, waitFor, type TestPostgres } from '@parley/testing';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { attempt, isConnectionLoss, isUniqueViolation } from './failures.js';
import { openTestDatabase, type TestDatabase } from './fixtures/open.js';

let postgres: TestPostgres;
let opened: TestDatabase;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

beforeEach(async () => {
  opened = await openTestDatabase(postgres.url);
});

afterEach(() => opened.close());

const one = (): Promise<unknown> => attempt(() => sql`SELECT 1`.execute(opened.database.kysely));
const unavailable = { ok: false, error: { code: 'unavailable' } };

test('idle connections that die with Postgres are replaced; it is told as unavailable meanwhile', async () => {
  expect(await one()).toMatchObject({ ok: true });
  expect(await opened.database.isReachable()).toBe(true);
  await postgres.kill();
  expect(await opened.database.isReachable()).toBe(false);
  expect(await one()).toMatchObject(unavailable);
  await postgres.restart();
  expect(await opened.database.isReachable()).toBe(true);
  expect(await one()).toMatchObject({ ok: true });
});

test('a write under way when Postgres dies fails as unavailable and is not there afterwards', async () => {
  const { database } = opened;
  const write = attempt(() =>
    database.transaction(async (trx) => {
      await sql`INSERT INTO ledger (shard, owner, epoch) VALUES (1, 'a', 1)`.execute(trx);
      await postgres.kill();
      // Between two statements: nobody but the pool's own listener hears the connection break.
      await waitFor(() => !postgres.process.running, 'the end of Postgres');
      await sql`SELECT 1`.execute(trx);
    }),
  );
  expect(await write).toMatchObject(unavailable);
  await postgres.restart();
  expect(await database.kysely.selectFrom('ledger').selectAll().execute()).toEqual([]);
});

test('a statement that is running when Postgres dies fails at once', async () => {
  const { database } = opened;
  const started = performance.now();
  const sleeping = attempt(() => sql`SELECT pg_sleep(4)`.execute(database.kysely));
  await waitFor(async () => {
    const { rows } = await sql`
      SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'
    `.execute(database.kysely);
    return rows.length > 0;
  }, 'the statement to run');
  await postgres.kill();
  expect(await sleeping).toMatchObject(unavailable);
  expect(performance.now() - started).toBeLessThan(3_500);
  await postgres.restart();
});

test('a statement over its limit is a timeout, and its connection goes on', async () => {
  const limited = opened.another({ statementTimeoutMs: 100, poolSize: 1 });
  expect(await attempt(() => sql`SELECT pg_sleep(2)`.execute(limited.kysely))).toMatchObject({
    ok: false,
    error: { code: 'timeout' },
  });
  expect(await attempt(() => sql`SELECT 1`.execute(limited.kysely))).toMatchObject({ ok: true });
});

test('a server that is silent is a lost connection, and the pool does not hand it out again', async () => {
  const limited = opened.another({ statementTimeoutMs: 500, connectTimeoutMs: 500, poolSize: 1 });
  expect(await attempt(() => sql`SELECT 1`.execute(limited.kysely))).toMatchObject({ ok: true });
  const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(limited.kysely);
  const pid = rows[0]?.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  try {
    expect(await attempt(() => sql`SELECT 1`.execute(limited.kysely))).toMatchObject(unavailable);
    expect(await attempt(() => sql`SELECT 1`.execute(limited.kysely))).toMatchObject({ ok: true });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

test('waiting for a free connection is bounded, and a busy pool does not make Postgres unreachable', async () => {
  const small = opened.another({ poolSize: 1, connectTimeoutMs: 2_000 });
  const busy = small.transaction(async (trx) => {
    await sql`SELECT 1`.execute(trx);
    const waiting = attempt(() => sql`SELECT 1`.execute(small.kysely));
    await waitFor(() => small.usage().waiting === 1, 'somebody to wait');
    expect(await small.isReachable()).toBe(true);
    return waiting;
  });
  expect(await busy).toMatchObject(unavailable);
});

test('a constraint is told from other failures', async () => {
  const { kysely } = opened.database;
  await sql`CREATE TABLE unique_names (name text CONSTRAINT one_name UNIQUE)`.execute(kysely);
  const insert = (): Promise<unknown> => sql`INSERT INTO unique_names VALUES ('a')`.execute(kysely);
  await insert();
  const error: unknown = await insert().catch((reason: unknown) => reason);
  expect(isUniqueViolation(error)).toBe(true);
  expect(isUniqueViolation(error, 'one_name')).toBe(true);
  expect(isUniqueViolation(error, 'other')).toBe(false);
  expect(isConnectionLoss(error)).toBe(false);
  await expect(attempt(insert)).rejects.toThrow('one_name');
});

test('numbers, times and bytes come as themselves', async () => {
  const { rows } = await sql`
    SELECT 9007199254740991::bigint AS big, '\\x00ff'::bytea AS bytes, current_schema() AS schema,
           to_timestamp(1.5) AS at, current_setting('application_name') AS name
  `.execute(opened.database.kysely);
  expect(rows).toEqual([
    { big: 9007199254740991, bytes: Buffer.from([0, 255]), schema: 'test', at: new Date(1_500), name: 'test' },
  ]);
});

test('close waits for work under way, no longer than told; after it everything is unavailable', async () => {
  const database = opened.another();
  await sql`SELECT 1`.execute(database.kysely);
  const work = attempt(() => sql`SELECT pg_sleep(0.2)`.execute(database.kysely));
  await waitFor(() => database.usage().idle === 0, 'the work to begin');
  await database.close();
  expect(await work).toMatchObject({ ok: true });
  expect(await attempt(() => sql`SELECT 1`.execute(database.kysely))).toMatchObject(unavailable);

  const stuck = opened.another();
  await sql`SELECT 1`.execute(stuck.kysely);
  const long = attempt(() => sql`SELECT pg_sleep(1)`.execute(stuck.kysely));
  await waitFor(() => stuck.usage().idle === 0, 'the work to begin');
  const started = performance.now();
  await stuck.close(100);
  expect(performance.now() - started).toBeLessThan(600);
  await long;
});
