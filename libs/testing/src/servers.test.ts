import { existsSync } from 'node:fs';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { freshDatabase } from './fresh-database.js';
import { accepts, natsBinaries, natsBinary, startNats } from './nats.js';
import { startPostgres } from './postgres.js';

const named = process.env['PARLEY_TEST_NATS_BIN'];

afterEach(() => {
  if (named === undefined) delete process.env['PARLEY_TEST_NATS_BIN'];
  else process.env['PARLEY_TEST_NATS_BIN'] = named;
});

test('nats-server of every version at hand runs, dies, and comes back on its port and store', async () => {
  const binaries = await natsBinaries();
  expect(binaries.length).toBeGreaterThan(0);
  for (const { path, version } of binaries) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    const nats = await startNats({ bin: path });
    expect(await accepts(nats.port)).toBe(true);
    await nats.kill();
    expect(await accepts(nats.port)).toBe(false);
    await nats.restart();
    expect(await accepts(nats.port)).toBe(true);
    expect(existsSync(nats.storeDir)).toBe(true);
    await nats.stop();
    expect(existsSync(nats.storeDir)).toBe(false);
  }
});

test('a named nats-server that is none is said', () => {
  process.env['PARLEY_TEST_NATS_BIN'] = '/nowhere/nats-server';
  expect(() => natsBinary()).toThrow('/nowhere/nats-server');
});

test('a nats-server that cannot start shows why', async () => {
  await expect(startNats({ storeDir: '/proc/none' })).rejects.toThrow(/ended[^]*\/proc\/none/);
});

test('Postgres keeps what was committed over a kill, and databases come and go', async () => {
  const postgres = await startPostgres();
  const fresh = await freshDatabase(postgres.url);
  const query = async (text: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: fresh.url });
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, unknown>>(text);
      return rows;
    } finally {
      await client.end();
    }
  };
  await query('CREATE TABLE kept (id int)');
  await query('INSERT INTO kept VALUES (1)');
  await postgres.kill();
  expect(await accepts(postgres.port)).toBe(false);
  await postgres.restart();
  expect(await query('SELECT id FROM kept')).toEqual([{ id: 1 }]);
  await fresh.drop();
  await expect(query('SELECT 1')).rejects.toThrow('does not exist');
  await postgres.stop();
});
