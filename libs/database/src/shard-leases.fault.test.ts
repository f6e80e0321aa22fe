import { startChild, waitFor, type Child } from '@parley/testing';
import { sql } from 'kysely';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from './fixtures/open.js';

const worker = fileURLToPath(new URL('../dist/fixtures/lease-worker.js', import.meta.url));

/** Where it counts who writes, and not when: four processes and Postgres may have a small part of the machine. */
const PATIENCE_MS = 60_000;

let opened: TestDatabase;
const children: Child[] = [];

beforeEach(async () => {
  opened = await openTestDatabase();
});

afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill('SIGKILL')));
  await opened.close();
});

async function startWorker(owner: string, ...args: readonly string[]): Promise<Child> {
  const child = await startChild({
    name: owner,
    command: process.execPath,
    args: [worker, opened.url, owner, ...args],
  });
  children.push(child);
  await child.line('ready', 20_000, (line) => (line === 'ready' ? true : undefined));
  return child;
}

/** `{ a: 32, b: 32 }`: the leases that have not expired, by owner. */
async function shares(): Promise<Record<string, number>> {
  const { rows } = await sql<{ owner: string; count: number }>`
    SELECT owner, count(*) FROM shard_leases WHERE expires_at > now() GROUP BY owner
  `.execute(opened.database.kysely);
  return Object.fromEntries(rows.map(({ owner, count }) => [owner, count]));
}

async function sharesBecome(expected: Record<string, number>, deadlineMs: number): Promise<number> {
  const started = performance.now();
  const text = JSON.stringify(expected);
  await waitFor(async () => JSON.stringify(sorted(await shares())) === text, `shares of ${text}`, deadlineMs);
  return performance.now() - started;
}

function sorted(record: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('killed replicas are replaced within eight seconds, newcomers have their part within five', async () => {
  const a = await startWorker('a');
  expect(await shares()).toEqual({ a: 64 });
  await startWorker('b');
  expect(await sharesBecome({ a: 32, b: 32 }, 5_000)).toBeLessThan(5_000);
  const c = await startWorker('c');
  expect(await sharesBecome({ a: 22, b: 21, c: 21 }, 5_000)).toBeLessThan(5_000);
  await Promise.all([a.kill('SIGKILL'), c.kill('SIGKILL')]);
  expect(await sharesBecome({ b: 64 }, 8_000)).toBeLessThan(8_000);
});

test('a replica that is asked to stop leaves nothing to wait for', async () => {
  const a = await startWorker('a');
  await startWorker('b');
  await sharesBecome({ a: 32, b: 32 }, 5_000);
  expect(await a.stop()).toMatchObject({ code: 0 });
  expect(await sharesBecome({ b: 64 }, 3_000)).toBeLessThan(3_000);
});

test('with owners killed, paused and woken under writing, no stale owner writes', async () => {
  const fast = ['900', '250', 'write'];
  const [a, b] = await Promise.all(['a', 'b', 'c'].map((owner) => startWorker(owner, ...fast)));
  for (let round = 0; round < 3; round++) {
    await sharesBecome({ a: 22, b: 21, c: 21 }, PATIENCE_MS);
    a?.signal('SIGSTOP');
    const before = await written();
    await waitFor(async () => (await shares())['a'] === undefined, 'the takeover of a paused owner', PATIENCE_MS);
    await waitFor(async () => (await written()) > before + 500, 'writes of the others', PATIENCE_MS);
    // Awake, it goes on with the write that it was about to make.
    a?.signal('SIGCONT');
  }
  await sharesBecome({ a: 22, b: 21, c: 21 }, PATIENCE_MS);
  await b?.kill('SIGKILL');
  await waitFor(async () => (await shares())['b'] === undefined, 'the takeover of a killed owner', PATIENCE_MS);
  await sleep(200);

  const { rows } = await sql<{ late: number; owners: number }>`
    SELECT (SELECT count(*) FROM ledger AS later JOIN ledger AS earlier
              ON earlier.shard = later.shard AND earlier.id < later.id AND earlier.epoch > later.epoch) AS late,
           (SELECT max(owners) FROM (SELECT count(DISTINCT owner) AS owners FROM ledger GROUP BY shard, epoch) AS each) AS owners
  `.execute(opened.database.kysely);
  expect(rows).toEqual([{ late: 0, owners: 1 }]);
  expect(await written()).toBeGreaterThan(500);
});

async function written(): Promise<number> {
  const { count } = await opened.database.kysely
    .selectFrom('ledger')
    .select((fields) => fields.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}
