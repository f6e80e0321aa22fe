import { waitFor } from '@parley/testing';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { attempt } from './failures.js';
import { openTestDatabase, quiet, type LedgerTables, type TestDatabase } from './fixtures/open.js';
import { LeaseLost } from './lease-lost.js';
import { ShardLeases, type ShardLeasesOptions } from './shard-leases.js';

const TTL_MS = 1_200;
const RENEW_MS = 300;

let opened: TestDatabase;
const running = new Set<Replica>();

beforeEach(async () => {
  opened = await openTestDatabase();
});

afterEach(async () => {
  await Promise.all([...running].map((replica) => replica.leases.stop()));
  running.clear();
  await opened.close();
});

interface Replica {
  readonly leases: ShardLeases<LedgerTables>;
  readonly served: Map<number, number>;
  readonly calls: string[];
}

async function startReplica(name: string, options: Partial<ShardLeasesOptions> = {}): Promise<Replica> {
  const settings = { instanceId: name, logger: quiet, ttlMs: TTL_MS, renewMs: RENEW_MS, ...options };
  const leases = new ShardLeases(opened.another(), settings);
  const served = new Map<number, number>();
  const calls: string[] = [];
  const replica = { leases, served, calls };
  running.add(replica);
  await leases.start({
    acquired(shard, epoch) {
      calls.push(`acquired ${String(shard)}`);
      served.set(shard, epoch);
      return Promise.resolve();
    },
    lost(shard) {
      calls.push(`lost ${String(shard)}`);
      served.delete(shard);
      return Promise.resolve();
    },
  });
  return replica;
}

/** An owner that can write but neither renew nor hear of the others: what it believes is what a process that hung believes. */
async function startStale() {
  const database = opened.another();
  const leases = new ShardLeases(database, { instanceId: 'stale', logger: quiet, ttlMs: TTL_MS, renewMs: RENEW_MS });
  await leases.start({ acquired: () => Promise.resolve(), lost: () => new Promise(() => undefined) });
  await database.housekeeping.destroy();
  return { database, leases };
}

function sharesOf(...replicas: readonly Replica[]): string {
  return replicas.map(({ served }) => served.size).join(' ');
}

function allServedOnce(...replicas: readonly Replica[]): boolean {
  const shards = replicas.flatMap(({ served }) => [...served.keys()]);
  return shards.length === 64 && new Set(shards).size === 64;
}

test('the only replica serves everything when start resolves', async () => {
  const a = await startReplica('a');
  expect(a.served.size).toBe(64);
  expect(a.leases.held()).toHaveLength(64);
  expect([...a.served.values()].every((epoch) => epoch === 1)).toBe(true);
});

test('replicas share evenly, one to three and back', async () => {
  const a = await startReplica('a');
  const b = await startReplica('b');
  await waitFor(() => sharesOf(a, b) === '32 32' && allServedOnce(a, b), 'two halves');
  const c = await startReplica('c');
  await waitFor(() => sharesOf(a, b, c) === '22 21 21' && allServedOnce(a, b, c), 'three thirds');
  await b.leases.stop();
  expect(b.served.size).toBe(0);
  await waitFor(() => sharesOf(a, c) === '32 32' && allServedOnce(a, c), 'two halves again');
  await a.leases.stop();
  await waitFor(() => sharesOf(c) === '64', 'everything at the last one');
  expect(Math.min(...c.served.values())).toBeGreaterThan(0);
});

test('a shard is given up by one before it is served by the other', async () => {
  const a = await startReplica('a');
  const order: string[] = [];
  a.leases.beforeRelease(async (shard) => {
    order.push(`released ${String(shard)}`);
    await Promise.resolve();
  });
  const b = await startReplica('b');
  await waitFor(() => b.served.size === 32, 'the newcomer to have its part');
  for (const shard of b.served.keys()) {
    expect(a.calls).toContain(`lost ${String(shard)}`);
    expect(order).toContain(`released ${String(shard)}`);
  }
  expect([...b.served.values()].every((epoch) => epoch === 2)).toBe(true);
});

test('an owner that was taken over loses the write, also one that it had begun to believe in', async () => {
  const { database: paused, leases: stale } = await startStale();
  await paused.transaction((trx) => stale.fence(trx, 7));
  const b = await startReplica('b');
  await waitFor(() => b.served.size === 64, 'the takeover');

  const write = attempt(() =>
    paused.transaction(async (trx) => {
      await stale.fence(trx, 7);
      await sql`INSERT INTO ledger (shard, owner, epoch) VALUES (7, 'stale', 1)`.execute(trx);
    }),
  );
  expect(await write).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  await expect(paused.transaction((trx) => stale.fence(trx, 7))).rejects.toThrow(LeaseLost);
  expect(await opened.database.kysely.selectFrom('ledger').selectAll().execute()).toEqual([]);
});

test('a statement with the fence in it has a row for every shard that is ours, and none for one that was taken over', async () => {
  const { database: paused, leases: stale } = await startStale();
  const insert = async (fence: ReturnType<typeof stale.fenceQuery>): Promise<bigint> => {
    const { numAffectedRows } = await sql`
      WITH held AS (${fence})
      INSERT INTO ledger (shard, owner, epoch) SELECT shard, 'stale', 1 FROM held`.execute(paused.kysely);
    return numAffectedRows ?? 0n;
  };
  expect(await insert(stale.fenceQuery([3, 7, 40]))).toBe(3n);
  const believed = stale.fenceQuery([3, 7]);
  const b = await startReplica('b');
  await waitFor(() => b.served.size === 64, 'the takeover');
  expect(await insert(believed)).toBe(0n);
  expect(() => stale.fenceQuery([99])).toThrow(LeaseLost);
});

test('a fenced write under way holds a takeover back until it has committed', async () => {
  const { database: first, leases: stale } = await startStale();
  let b: Replica | undefined;
  await first.transaction(async (trx) => {
    await stale.fence(trx, 7);
    b = await startReplica('b');
    const { served } = b;
    await waitFor(() => served.size === 63, 'the takeover of the other shards');
    expect(served.has(7)).toBe(false);
    await sql`INSERT INTO ledger (shard, owner, epoch) VALUES (7, 'stale', 1)`.execute(trx);
  });
  await waitFor(() => b?.served.has(7), 'the takeover of the last shard');
  expect(await opened.database.kysely.selectFrom('ledger').select('owner').execute()).toEqual([{ owner: 'stale' }]);
});

test('renewals do not wait for fenced writes, nor these for renewals', async () => {
  const a = await startReplica('a');
  await opened.database.transaction(async (trx) => {
    await a.leases.fence(trx, 3);
    const before = await expiry(3);
    await waitFor(async () => (await expiry(3)) > before, 'a renewal during the write');
  });
  expect(a.calls.filter((call) => call.startsWith('lost'))).toEqual([]);
});

test('an owner that cannot renew knows by itself when its time is over', async () => {
  const a = await startReplica('a', { renewMs: 60_000 });
  expect(a.leases.holds(0)).toBe(true);
  await waitFor(() => !a.leases.holds(0), 'the end of its time', TTL_MS + 500);
  await waitFor(() => a.served.size === 0, 'being told');
});

test('a replica that is unable gives everything to those that are able, and gets its part again', async () => {
  let able = true;
  const a = await startReplica('a', { able: () => able });
  const b = await startReplica('b');
  await waitFor(() => sharesOf(a, b) === '32 32', 'two halves');
  able = false;
  await waitFor(() => sharesOf(a, b) === '0 64', 'everything at the able one');
  able = true;
  await waitFor(() => sharesOf(a, b) === '32 32', 'two halves again');
});

test('a shard that cannot be taken into service is given back and tried again, the others are served', async () => {
  const leases = new ShardLeases(opened.another(), {
    instanceId: 'a',
    logger: quiet,
    ttlMs: TTL_MS,
    renewMs: RENEW_MS,
  });
  const served = new Set<number>();
  let failures = 0;
  await leases.start({
    acquired(shard) {
      if (shard === 5 && failures++ === 0) return Promise.reject(new Error('not yet'));
      served.add(shard);
      return Promise.resolve();
    },
    lost(shard) {
      served.delete(shard);
      return Promise.resolve();
    },
  });
  expect(served.size).toBe(63);
  await waitFor(() => served.has(5), 'the second try');
  await leases.stop();
  expect(served.size).toBe(0);
});

async function expiry(shard: number): Promise<number> {
  const { rows } = await sql<{ at: Date }>`SELECT expires_at AS at FROM shard_leases WHERE shard = ${shard}`.execute(
    opened.database.kysely,
  );
  return rows[0]?.at.getTime() ?? 0;
}
