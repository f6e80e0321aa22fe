import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestDatabase, type LedgerTables, type TestDatabase } from './fixtures/open.js';
import { LeaseTable } from './lease-table.js';

let opened: TestDatabase;

beforeEach(async () => {
  opened = await openTestDatabase();
});

afterEach(() => opened.close());

function table(owner: string, ttlMs = 60_000): LeaseTable<LedgerTables> {
  return new LeaseTable(opened.database, owner, ttlMs);
}

test('the fence knows owner and epoch: whoever lost the shard cannot lock it, even when he got it back later', async () => {
  const a = table('a');
  const [lease] = await a.take(1, []);
  if (lease === undefined) throw new Error('nothing taken');
  const locks = (owner: LeaseTable<LedgerTables>, epoch: number): Promise<boolean> =>
    opened.database.transaction((trx) => owner.lock(trx, { shard: lease.shard, epoch }));

  expect(await locks(a, lease.epoch)).toBe(true);
  await a.release(lease);
  expect(await locks(a, lease.epoch)).toBe(false);

  const b = table('b');
  expect((await b.take(64, [])).find(({ shard }) => shard === lease.shard)?.epoch).toBe(lease.epoch + 1);
  expect(await locks(b, lease.epoch + 1)).toBe(true);
  expect(await locks(a, lease.epoch + 1)).toBe(false);
  await b.release({ shard: lease.shard, epoch: lease.epoch + 1 });
  await a.take(1, []);
  expect(await locks(a, lease.epoch)).toBe(false);
  expect(await locks(a, lease.epoch + 2)).toBe(true);
});

test('two that take at the same time never get the same shard', async () => {
  const taken = await Promise.all(['a', 'b', 'c'].map((owner) => table(owner).take(32, [])));
  const shards = taken.flat().map(({ shard }) => shard);
  expect(new Set(shards).size).toBe(shards.length);
});

test('a heartbeat renews only what is still its own, and sees who else is there', async () => {
  const a = table('a');
  const b = table('b', 40_000);
  const taken = await a.take(2, []);
  await b.heartbeat([]);
  const beat = await a.heartbeat([...taken.map(({ shard }) => shard), 60]);
  expect(beat.kept).toEqual(taken);
  expect(beat.others).toEqual(['b']);
  expect(beat.othersExpireInMs).toBeGreaterThan(30_000);
  expect(beat.othersExpireInMs).toBeLessThanOrEqual(40_000);
  await b.leave();
  expect(await a.heartbeat([])).toEqual({ kept: [], others: [], othersExpireInMs: undefined });
});
