import { freshDatabase, makeFolder, removeFolder, type FreshDatabase } from '@parley/testing';
import { sql } from 'kysely';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, type Database } from './database.js';
import { quiet } from './fixtures/open.js';
import { migrate } from './migrate.js';

let fresh: FreshDatabase;
let folder: string;
let opened: Database<unknown>[] = [];

beforeEach(async () => {
  fresh = await freshDatabase();
  folder = await makeFolder('migrations');
});

afterEach(async () => {
  await Promise.all(opened.map((database) => database.close()));
  opened = [];
  await fresh.drop();
  await removeFolder(folder);
});

function open(schema = 'orders'): Database<unknown> {
  const made = createDatabase<unknown>({ url: fresh.url, schema, logger: quiet });
  opened.push(made);
  return made;
}

async function file(name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text);
}

test('applies each file once, in order, into a schema that it makes', async () => {
  await file('0001_items.sql', 'CREATE TABLE items (id int PRIMARY KEY);');
  await file('0002_names.sql', "ALTER TABLE items ADD name text;\nINSERT INTO items VALUES (1, 'first');");
  const database = open();
  expect(await migrate(database, folder)).toEqual([
    'housekeeping/0001_housekeeping.sql',
    'service/0001_items.sql',
    'service/0002_names.sql',
  ]);
  expect(await migrate(database, folder)).toEqual([]);
  const { rows } = await sql`SELECT name FROM orders.items`.execute(database.kysely);
  expect(rows).toEqual([{ name: 'first' }]);
});

test('schemas of one database do not touch each other', async () => {
  await file('0001_items.sql', 'CREATE TABLE items (id int PRIMARY KEY);');
  await Promise.all([migrate(open('first'), folder), migrate(open('second'), folder)]);
  const { rows } = await sql`
    SELECT schemaname FROM pg_tables WHERE tablename = 'items' ORDER BY schemaname`.execute(open().kysely);
  expect(rows).toEqual([{ schemaname: 'first' }, { schemaname: 'second' }]);
});

test('replicas that start together apply it once', async () => {
  await file('0001_items.sql', 'CREATE TABLE items (id int PRIMARY KEY); SELECT pg_sleep(0.2);');
  const results = await Promise.all(Array.from({ length: 5 }, () => migrate(open(), folder)));
  expect(results.filter((applied) => applied.length > 0)).toHaveLength(1);
});

test('a file that was changed after it had been applied is refused; other line ends are no change', async () => {
  await file('0001_items.sql', 'CREATE TABLE items (\n  id int\n);\n');
  const database = open();
  await migrate(database, folder);
  await file('0001_items.sql', 'CREATE TABLE items (\r\n  id int\r\n);\r\n');
  expect(await migrate(database, folder)).toEqual([]);
  await file('0001_items.sql', 'CREATE TABLE items (\n  id bigint\n);\n');
  await expect(migrate(database, folder)).rejects.toThrow(
    'service/0001_items.sql was changed after it had been applied; write a new migration instead',
  );
});

test('a file that fails leaves nothing of itself, and names itself', async () => {
  await file('0001_items.sql', 'CREATE TABLE items (id int PRIMARY KEY);');
  await file('0002_broken.sql', 'CREATE TABLE half (id int); SELECT nothing FROM nowhere;');
  const database = open();
  await expect(migrate(database, folder)).rejects.toThrow(
    'service/0002_broken.sql failed: relation "nowhere" does not exist',
  );
  await file('0002_broken.sql', 'CREATE TABLE half (id int);');
  expect(await migrate(database, folder)).toEqual(['service/0002_broken.sql']);
});

test('a number that slips in before an applied one is refused', async () => {
  await file('0001_items.sql', 'SELECT 1;');
  await file('0003_names.sql', 'SELECT 1;');
  const database = open();
  await migrate(database, folder);
  await file('0002_late.sql', 'SELECT 1;');
  await expect(migrate(database, folder)).rejects.toThrow('service/0002_late.sql comes before service/0003_names.sql');
});

test('what a newer release has applied is left alone', async () => {
  await file('0001_items.sql', 'SELECT 1;');
  const database = open();
  await migrate(database, folder);
  await sql`INSERT INTO schema_migrations (name, checksum) VALUES ('service/0002_newer.sql', 'x')`.execute(
    database.kysely,
  );
  expect(await migrate(database, folder)).toEqual([]);
});

test('names without a number, twice the same number, and a missing folder are said', async () => {
  const database = open();
  await file('0001_a.sql', 'SELECT 1;');
  await file('0001_b.sql', 'SELECT 1;');
  await expect(migrate(database, folder)).rejects.toThrow('two migrations have the number of service/0001_b.sql');
  await file('items.sql', 'SELECT 1;');
  await expect(migrate(database, folder)).rejects.toThrow('a migration is named NNNN_name.sql');
  await expect(migrate(database, join(folder, 'none'))).rejects.toThrow('migrations cannot be read from');
});
