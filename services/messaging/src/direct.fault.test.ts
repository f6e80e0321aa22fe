import { messaging, newUserId, type UserId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectLoad } from './testing/direct-load.js';
import { MessagingFixture } from './testing/messaging-fixture.js';

const REAL_TTL_MS = 6_000;
let fixture: MessagingFixture;

beforeEach(async () => {
  fixture = await MessagingFixture.start(REAL_TTL_MS);
});

afterEach(() => fixture.stop());

function send(to: UserId, text: string, idempotencyKey?: string) {
  const request = {
    from: newUserId(),
    to,
    format: 'json' as const,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
  return fixture.bus.call(messaging.sendDirect, request, { body: Buffer.from(text), deadlineMs: 20_000 });
}

async function owners(): Promise<number> {
  const { rows } = await sql<{ owners: number }>`
    SELECT count(DISTINCT owner) AS owners FROM shard_leases WHERE expires_at > now()`.execute(fixture.database.kysely);
  return rows[0]?.owners ?? 0;
}

function users(count: number): readonly UserId[] {
  return Array.from({ length: count }, () => fixture.newUser());
}

describe('an owner that dies', () => {
  it('between the commit and the event: the next one announces the message', async () => {
    const owner = await fixture.process();
    const gateway = await fixture.gateway();
    const user = fixture.newUser();
    const connection = await gateway.connect(user);
    // The transaction is slow enough for NATS to be gone when it commits.
    await sql`CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(1); RETURN NEW; END'`.execute(fixture.database.kysely);
    await sql`CREATE TRIGGER slowly AFTER INSERT ON direct_messages
      FOR EACH ROW EXECUTE FUNCTION slowly()`.execute(fixture.database.kysely);
    const sending = send(user, '"kept"');
    await waitFor(async () => {
      const { rows } = await sql`SELECT FROM pg_stat_activity
        WHERE wait_event = 'PgSleep' AND datname = current_database()`.execute(fixture.database.kysely);
      return rows.length > 0;
    }, 'the transaction');
    await fixture.nats.kill();
    await waitFor(async () => {
      const rows = await fixture.database.kysely.selectFrom('direct_messages').select('position').execute();
      return rows.length === 1;
    }, 'the commit');
    await owner.kill();
    await sql`DROP FUNCTION slowly CASCADE`.execute(fixture.database.kysely);
    expect(gateway.written).toEqual([]);

    await fixture.nats.restart();
    await fixture.process();
    await waitFor(() => gateway.texts(connection).length === 1, 'the message', 20_000);
    expect(gateway.texts(connection)).toEqual(['"kept"']);
    // Nobody is left to answer; a sender with a key would ask again and learn that it was stored.
    expect((await sending).ok).toBe(false);
  });

  it('before it has heard the receipts: the message is offered again, and not written twice', async () => {
    const owner = await fixture.process();
    const gateway = await fixture.gateway();
    const user = fixture.newUser();
    const connection = await gateway.connect(user);
    let killed: Promise<unknown> | undefined;
    gateway.onDirect = () => {
      killed ??= owner.kill();
    };
    const request = { from: newUserId(), to: user, format: 'json' as const, idempotencyKey: 'k' };
    const options = { body: Buffer.from('1'), deadlineMs: 500 };
    expect((await fixture.bus.call(messaging.sendDirect, request, options)).ok).toBe(false);
    await killed;
    expect(gateway.texts(connection)).toEqual(['1']);
    await fixture.process();
    await waitFor(() => gateway.repeats > 0, 'the second offer', 20_000);
    const again = await fixture.bus.call(messaging.sendDirect, request, { ...options, deadlineMs: 10_000 });
    expect(again).toMatchObject({ ok: true, value: { deliveredTo: [] } });
    expect(await send(user, '2')).toMatchObject({ ok: true });
    await waitFor(() => gateway.texts(connection).length === 2, 'the next message');
    expect(gateway.texts(connection)).toEqual(['1', '2']);
  });

  it('under load, with another replica at hand: everything answered is written once, in order', async () => {
    const first = await fixture.process();
    const second = await fixture.process();
    await waitFor(async () => (await owners()) === 2, 'both to own shards', 15_000);
    const gateway = await fixture.gateway();
    const recipients = users(16);
    for (const user of recipients) await gateway.connect(user);
    const load = new DirectLoad(fixture, gateway, recipients);
    await waitFor(() => load.sent > 200, 'some load', 20_000);
    await first.kill();
    await waitFor(() => load.retries > 0, 'the loss to be felt', 15_000);
    await waitFor(async () => (await owners()) === 1, 'the other to take over', 20_000);
    const before = load.sent;
    await waitFor(() => load.sent > before + 200, 'more load', 20_000);
    // A replica that comes, and one that goes in good order, are noticed by nobody.
    await fixture.process();
    await waitFor(async () => (await owners()) === 2, 'the new one to own shards', 15_000);
    expect(await second.stop(15_000)).toMatchObject({ code: 0 });
    const late = load.sent;
    await waitFor(() => load.sent > late + 200, 'the last load', 20_000);
    await load.stop();
    await waitFor(() => load.complete, 'everything to be written', 20_000);
    load.expectAllOnceInOrder();
  });
});

describe('an owner that sleeps', () => {
  it('beyond its leases, and wakes: neither loses nor repeats what the next one has done', async () => {
    const sleeper = await fixture.process();
    const gateway = await fixture.gateway();
    const recipients = users(16);
    for (const user of recipients) await gateway.connect(user);
    const load = new DirectLoad(fixture, gateway, recipients);
    await waitFor(() => load.sent > 100, 'some load', 20_000);
    await fixture.process();
    await waitFor(async () => (await owners()) === 2, 'both to own shards', 15_000);
    sleeper.signal('SIGSTOP');
    await waitFor(async () => (await owners()) === 1, 'its leases to end', 20_000);
    const before = load.sent;
    await waitFor(() => load.sent > before + 200, 'more load', 20_000);
    sleeper.signal('SIGCONT');
    await waitFor(async () => (await owners()) === 2, 'its return', 20_000);
    const late = load.sent;
    await waitFor(() => load.sent > late + 200, 'the last load', 20_000);
    await load.stop();
    await waitFor(() => load.complete, 'everything to be written', 20_000);
    load.expectAllOnceInOrder();
  });
});

describe('the process', () => {
  it('says in one line why it does not start', async () => {
    const rule = { pattern: 'a.b' };
    const child = await fixture.spawn({ PARLEY_TOPIC_RULES: JSON.stringify([rule, rule]) });
    expect(await child.exited).toMatchObject({ code: 1 });
    expect(child.lines).toEqual(['messaging cannot start: topic rules: "a.b" is there twice']);
  });
});

describe('NATS', () => {
  it('may restart: nothing that was answered is lost or comes twice', async () => {
    await fixture.process();
    const gateway = await fixture.gateway();
    const recipients = users(8);
    for (const user of recipients) await gateway.connect(user);
    const load = new DirectLoad(fixture, gateway, recipients);
    await waitFor(() => load.sent > 100, 'some load', 20_000);
    await fixture.nats.kill();
    await fixture.nats.restart();
    const before = load.sent;
    await waitFor(() => load.sent > before + 200, 'more load', 40_000);
    await load.stop();
    // An event that a gateway missed is no gap to this one, which repairs none: the queue alone brings it.
    await waitFor(() => load.complete, 'everything to be written', 20_000);
    load.expectAllOnceInOrder();
  });
});
