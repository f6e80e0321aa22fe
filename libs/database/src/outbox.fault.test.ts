import { seededRandom, startChild, waitFor, type Child } from '@parley/testing';
import { sql } from 'kysely';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from './fixtures/open.js';

const worker = fileURLToPath(new URL('../dist/fixtures/outbox-worker.js', import.meta.url));
const KILLS = 5;

let opened: TestDatabase;
let children: Child[] = [];

beforeEach(async () => {
  opened = await openTestDatabase();
});

afterEach(async () => {
  await Promise.all(children.map((child) => child.kill('SIGKILL')));
  children = [];
  await opened.close();
});

async function startWorker(owner: string, writes: 'write' | ''): Promise<Child> {
  const child = await startChild({
    name: owner,
    command: process.execPath,
    args: [worker, opened.url, owner, writes],
  });
  children.push(child);
  await child.line('ready', 20_000, (line) => (line === 'ready' ? true : undefined));
  return child;
}

async function count(table: 'ledger' | 'published' | 'outbox'): Promise<number> {
  const { rows } = await sql<{ count: number }>`SELECT count(*) FROM ${sql.table(table)}`.execute(
    opened.database.kysely,
  );
  return rows[0]?.count ?? 0;
}

test('whoever is killed when: what was committed is announced, once, in the order of its shard', async () => {
  const random = seededRandom(11);
  const alive = [await startWorker('w0', 'write'), await startWorker('w1', 'write')];
  for (let kill = 0; kill < KILLS; kill++) {
    const before = await count('ledger');
    await waitFor(async () => (await count('ledger')) > before + 100, 'writes', 10_000);
    await sleep(random.int(0, 30));
    await alive.shift()?.kill('SIGKILL');
    alive.push(await startWorker(`w${String(kill + 2)}`, 'write'));
  }
  await Promise.all(alive.map((child) => child.kill('SIGKILL')));
  await startWorker('last', '');
  await waitFor(async () => (await count('outbox')) === 0, 'an empty outbox', 15_000);

  const committed = await count('ledger');
  expect(committed).toBeGreaterThan(KILLS * 100);
  expect(await count('published')).toBe(committed * 2);
  const { rows } = await sql<{ swapped: number; unannounced: number }>`
    WITH told AS (
      SELECT ledger.id, published.id AS position,
             lag(published.id) OVER (PARTITION BY ledger.shard ORDER BY ledger.id) AS position_before
      FROM ledger LEFT JOIN published ON published.message_id = ledger.id::text
    )
    SELECT count(*) FILTER (WHERE position_before > position) AS swapped,
           count(*) FILTER (WHERE position IS NULL) AS unannounced
    FROM told
  `.execute(opened.database.kysely);
  expect(rows).toEqual([{ swapped: 0, unannounced: 0 }]);
});
