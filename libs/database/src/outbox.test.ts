import { splitEnvelope } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestDatabase, quiet, type LedgerTables, type TestDatabase } from './fixtures/open.js';
import { fakeBus, noted, type FakeBus } from './fixtures/publisher.js';
import { LeaseLost } from './lease-lost.js';
import { Outbox, type PublishEncoded } from './outbox.js';
import { ShardLeases } from './shard-leases.js';

let opened: TestDatabase;
let stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  opened = await openTestDatabase();
});

afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
  await opened.close();
});

/** One replica: its own pool, leases and outbox. A long poll, so that nothing but what is tested makes it publish. */
async function startReplica(name: string, publish: PublishEncoded, pollMs = 60_000) {
  const database = opened.another();
  const leases = new ShardLeases(database, { instanceId: name, logger: quiet, ttlMs: 1_200, renewMs: 300 });
  const outbox = new Outbox<LedgerTables>(database, { publish, leases, logger: quiet, pollMs });
  await leases.start({
    acquired: (shard) => outbox.publishLeftovers(shard),
    lost: () => Promise.resolve(),
  });
  await outbox.start();
  stops.push(async () => {
    await leases.stop();
    await outbox.stop();
  });
  return { database, leases, outbox };
}

async function note(outbox: Outbox<LedgerTables>, n: number, shard?: number): Promise<void> {
  await opened.database.transaction((trx) =>
    outbox.add(
      trx,
      noted,
      `id${String(n)}`,
      { n },
      { messageId: `m${String(n)}`, ...(shard === undefined ? {} : { shard }) },
    ),
  );
}

async function waiting(): Promise<number> {
  const { rows } = await sql<{ count: number }>`SELECT count(*) FROM outbox`.execute(opened.database.kysely);
  return rows[0]?.count ?? 0;
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `m${String(n)}`);
}

async function allStored(bus: FakeBus, count: number): Promise<void> {
  await waitFor(() => bus.stored.length === count, `${String(count)} publications`);
  await waitFor(async () => (await waiting()) === 0, 'an empty outbox');
}

test('what was committed is published after a kick, in order, and forgotten', async () => {
  const bus = fakeBus();
  const { outbox } = await startReplica('a', bus.publish);
  for (let n = 0; n < 250; n++) await note(outbox, n, 9);
  expect(bus.attempts).toBe(0);
  outbox.kick(9);
  await allStored(bus, 250);
  expect(bus.stored).toEqual(names(250));
  expect(bus.subjects[0]).toBe('in.events.noted.id0');
  expect(bus.attempts).toBe(250);
});

test('payload, body and message id arrive as they were given', async () => {
  const bus = fakeBus();
  let data: Uint8Array = new Uint8Array();
  const { outbox } = await startReplica('a', (subject, bytes, options) => {
    data = Uint8Array.from(bytes);
    return bus.publish(subject, bytes, options);
  });
  const body = Uint8Array.from([0, 255, 1]);
  await opened.database.transaction(async (trx) => {
    await outbox.addAll(trx, [outbox.event(noted, 'x', { n: 1 }, { messageId: 'once', body })]);
  });
  outbox.kick();
  await allStored(bus, 1);
  const envelope = splitEnvelope(data);
  expect(envelope?.head).toEqual({ n: 1 });
  expect(Uint8Array.from(envelope?.body ?? [])).toEqual(body);
});

test('what was rolled back is never announced', async () => {
  const bus = fakeBus();
  const { outbox } = await startReplica('a', bus.publish, 50);
  const failing = opened.database.transaction(async (trx) => {
    await outbox.add(trx, noted, 'x', { n: 1 }, { messageId: 'gone', shard: 1 });
    throw new Error('rolled back');
  });
  await expect(failing).rejects.toThrow('rolled back');
  await note(outbox, 0, 1);
  outbox.kick(1);
  await allStored(bus, 1);
  expect(bus.stored).toEqual(['m0']);
});

test('the poll finds what nobody kicked for', async () => {
  const bus = fakeBus();
  const { outbox } = await startReplica('a', bus.publish, 50);
  await note(outbox, 0, 4);
  await note(outbox, 1);
  await allStored(bus, 2);
});

test('while the bus is away everything waits, then comes in order', async () => {
  const bus = fakeBus();
  const { outbox } = await startReplica('a', bus.publish, 50);
  bus.up = false;
  for (let n = 0; n < 20; n++) await note(outbox, n, 2);
  outbox.kick(2);
  await waitFor(() => bus.attempts > 3, 'some tries');
  expect(await waiting()).toBe(20);
  bus.up = true;
  await allStored(bus, 20);
  expect(bus.stored).toEqual(names(20));
});

test('kicks while publishing neither reorder nor repeat', async () => {
  const bus = fakeBus();
  const { outbox } = await startReplica('a', bus.publish);
  for (let n = 0; n < 60; n++) {
    await note(outbox, n, 3);
    outbox.kick(3);
    outbox.kick(3);
  }
  await allStored(bus, 60);
  expect(bus.stored).toEqual(names(60));
  expect(bus.attempts).toBe(60);
});

test('events of no shard are published once by several replicas, in order', async () => {
  const bus = fakeBus();
  const [a, b] = await Promise.all([startReplica('a', bus.publish), startReplica('b', bus.publish)]);
  for (let n = 0; n < 120; n++) {
    await note(a.outbox, n);
    a.outbox.kick();
    b.outbox.kick();
  }
  await allStored(bus, 120);
  expect(bus.stored).toEqual(names(120));
  expect(bus.attempts).toBe(120);
});

test('only the owner publishes a shard; a graceful leave announces the rest first', async () => {
  const first = fakeBus();
  const a = await startReplica('a', first.publish);
  const other = opened.another();
  const idle = new ShardLeases(other, { instanceId: 'idle', logger: quiet });
  const stranger = new Outbox<LedgerTables>(other, { publish: fakeBus().publish, leases: idle, logger: quiet });
  await note(a.outbox, 0, 6);
  await expect(stranger.publishLeftovers(6)).rejects.toThrow(LeaseLost);
  expect(await waiting()).toBe(1);
  await a.leases.stop();
  expect(first.stored).toEqual(['m0']);
  expect(await waiting()).toBe(0);
});

test('a new owner announces what the dead one left before it serves', async () => {
  const dead = opened.another();
  const writer = new Outbox<LedgerTables>(dead, { publish: fakeBus().publish, logger: quiet });
  for (let n = 0; n < 130; n++) await note(writer, n, 12);
  const bus = fakeBus();
  let publishedWhenServing = -1;
  const database = opened.another();
  const leases = new ShardLeases(database, { instanceId: 'next', logger: quiet });
  const outbox = new Outbox<LedgerTables>(database, { publish: bus.publish, leases, logger: quiet });
  await leases.start({
    async acquired(shard) {
      await outbox.publishLeftovers(shard);
      if (shard === 12) publishedWhenServing = bus.stored.length;
    },
    lost: () => Promise.resolve(),
  });
  expect(publishedWhenServing).toBe(130);
  expect(bus.stored).toEqual(names(130));
  await leases.stop();
});

test('an owner that hangs in a publication and is succeeded announces nothing more', async () => {
  const bus = fakeBus();
  let release = (): void => undefined;
  const hanging = new Promise<void>((resolve) => {
    release = resolve;
  });
  const stale = fakeBus();
  stale.hold = () => hanging;
  const database = opened.another();
  const leases = new ShardLeases(database, { instanceId: 'stale', logger: quiet, ttlMs: 1_200 });
  const outbox = new Outbox<LedgerTables>(database, { publish: stale.publish, leases, logger: quiet, pollMs: 60_000 });
  await leases.start({ acquired: () => Promise.resolve(), lost: () => Promise.resolve() });
  for (let n = 0; n < 10; n++) await note(outbox, n, 8);
  outbox.kick(8);
  await waitFor(() => stale.attempts === 1, 'the first publication');
  await database.housekeeping.destroy();
  await startReplica('next', bus.publish);
  await allStored(bus, 10);
  release();
  await outbox.stop();
  await leases.stop();
  expect(stale.attempts).toBe(1);
});

test('stop finishes what it has begun and leaves the rest', async () => {
  const bus = fakeBus();
  const { outbox } = await startReplica('a', bus.publish);
  for (let n = 0; n < 5; n++) await note(outbox, n, 20);
  outbox.kick(20);
  await waitFor(() => bus.attempts > 0, 'the first publication');
  await outbox.stop();
  expect(bus.stored.length + (await waiting())).toBe(5);
  outbox.kick(20);
  expect(bus.attempts).toBe(bus.stored.length);
});

test('a live event is refused, since nobody may rely on it', async () => {
  const { outbox } = await startReplica('a', fakeBus().publish);
  expect(() => outbox.event({ ...noted, channel: 'live' }, 'x', { n: 1 }, { messageId: 'x' })).toThrow('live');
});
