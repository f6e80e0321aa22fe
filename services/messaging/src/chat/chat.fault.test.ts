import { messages, servers } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessagingFixture } from '../testing/messaging-fixture.js';
import { ChatLoad } from './testing/chat-load.js';
import { ChatWorld, must } from './testing/chat-world.js';

const REAL_TTL_MS = 6_000;
let fixture: MessagingFixture;
let world: ChatWorld;

beforeEach(async () => {
  fixture = await MessagingFixture.start(REAL_TTL_MS);
  world = new ChatWorld(fixture);
});

afterEach(() => fixture.stop());

async function owners(): Promise<number> {
  const { rows } = await sql<{ owners: number }>`
    SELECT count(DISTINCT owner) AS owners FROM shard_leases WHERE expires_at > now()`.execute(fixture.database.kysely);
  return rows[0]?.owners ?? 0;
}

describe('an owner that is killed', () => {
  it('under load: what was answered is listed once and announced once, in one order', async () => {
    const first = await fixture.process();
    await fixture.process();
    await waitFor(async () => (await owners()) === 2, 'both to own shards', 15_000);
    const load = await ChatLoad.start(world, 8);
    await waitFor(() => load.answered > 300, 'some load', 20_000);
    await first.kill();
    await waitFor(() => load.refused > 0, 'the loss to be felt', 15_000);
    await waitFor(async () => (await owners()) === 1, 'the other to take over', 20_000);
    const before = load.answered;
    await waitFor(() => load.answered > before + 300, 'more load', 20_000);
    await load.stop();
    await load.expectOneTruth();
  });

  it('between the commit and the event: the next one announces it', async () => {
    const owner = await fixture.process();
    const { channel, member, server } = await world.community();
    const heard = await world.listen(server.id);
    const { kysely } = fixture.database;
    // The transaction is slow enough for NATS to be gone when it commits.
    await sql`CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_sleep(1); RETURN NEW; END'`.execute(kysely);
    await sql`CREATE TRIGGER slowly AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION slowly()`.execute(kysely);
    const posting = { actorId: member, channelId: channel.id, content: 'kept' };
    const posted = world.bus.call(messages.post, posting, { deadlineMs: 20_000 });
    await waitFor(async () => {
      const { rows } = await sql`SELECT FROM pg_stat_activity
        WHERE wait_event = 'PgSleep' AND datname = current_database()`.execute(kysely);
      return rows.length > 0;
    }, 'the transaction');
    await fixture.nats.kill();
    await waitFor(async () => (await kysely.selectFrom('messages').select('id').execute()).length === 1, 'the commit');
    await owner.kill();
    await sql`DROP FUNCTION slowly CASCADE`.execute(kysely);
    expect(heard).toEqual([]);

    await fixture.nats.restart();
    await fixture.process();
    await waitFor(() => heard.length === 1, 'the announcement', 20_000);
    expect(heard).toMatchObject([{ type: 'message_created', message: { content: 'kept' } }]);
    // Nobody was left to answer: the sender cannot know, and finds it in the listing.
    expect((await posted).ok).toBe(false);
    expect(await world.listing(member, channel.id)).toMatchObject([{ content: 'kept', authorId: member }]);
  });

  it('while it takes a server apart: the next one goes on, and every member hears it once', async () => {
    const first = await fixture.process();
    const { server, owner, member } = await world.community();
    const { kysely } = fixture.database;
    const told = await world.memberships(member);
    // Nobody gets past the members until it is killed.
    await kysely.transaction().execute(async (trx) => {
      await trx.selectFrom('members').selectAll().where('server_id', '=', server.id).forUpdate().execute();
      must(await world.bus.call(servers.delete, { actorId: owner, serverId: server.id }));
      await first.kill();
    });
    expect(told).toEqual([]);
    await fixture.process();
    await waitFor(() => told.length > 0, 'the announcement', 20_000);
    await waitFor(async () => (await kysely.selectFrom('servers').select('id').execute()).length === 0, 'its end');
    expect(told).toEqual([`left ${server.id}`]);
  });
});

describe('an owner that sleeps', () => {
  it('beyond its leases, and wakes: what it had begun is lost with its lease, and the order stands', async () => {
    const sleeper = await fixture.process();
    const load = await ChatLoad.start(world, 8);
    await waitFor(() => load.answered > 100, 'some load', 20_000);
    await fixture.process();
    await waitFor(async () => (await owners()) === 2, 'both to own shards', 15_000);
    sleeper.signal('SIGSTOP');
    await waitFor(async () => (await owners()) === 1, 'its leases to end', 20_000);
    const before = load.answered;
    await waitFor(() => load.answered > before + 200, 'more load', 20_000);
    sleeper.signal('SIGCONT');
    await waitFor(async () => (await owners()) === 2, 'its return', 20_000);
    const late = load.answered;
    await waitFor(() => load.answered > late + 200, 'the last load', 20_000);
    await load.stop();
    await load.expectOneTruth();
  });
});
