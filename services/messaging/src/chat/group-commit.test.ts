import {
  messages,
  newChannelId,
  newUserId,
  servers,
  shardOf,
  type Channel,
  type ChannelId,
  type UserId,
} from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessagingFixture } from '../testing/messaging-fixture.js';
import { ChatWorld, must, said } from './testing/chat-world.js';

let fixture: MessagingFixture;
let world: ChatWorld;

beforeAll(async () => {
  fixture = await MessagingFixture.start();
  await fixture.soleReplica();
  world = new ChatWorld(fixture);
});

afterAll(() => fixture.stop());

function post(actorId: UserId, channelId: ChannelId, content: string) {
  return fixture.bus.call(messages.post, { actorId, channelId, content }, { deadlineMs: 10_000 });
}

/** Transactions that wrote the channel's messages. */
async function commits(channelId: ChannelId): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(DISTINCT xmin::text) AS count FROM messages WHERE channel_id = ${channelId}`.execute(
    fixture.database.kysely,
  );
  return rows[0]?.count ?? 0;
}

/** An answer on the way that requests take: what was asked before has come in. */
async function received(): Promise<void> {
  must(await fixture.bus.call(servers.list, { actorId: newUserId() }));
}

/** While it is held, no transaction that writes to the channel gets on. `work` begins when one waits. */
async function holding(channel: Channel, first: () => Promise<unknown>, work: () => Promise<void>): Promise<unknown> {
  let waiting: Promise<unknown> = Promise.resolve();
  await fixture.database.kysely.transaction().execute(async (trx) => {
    await trx.selectFrom('channels').selectAll().where('id', '=', channel.id).forUpdate().execute();
    waiting = first();
    await waitFor(async () => {
      const { rows } = await sql`SELECT FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND datname = current_database()`.execute(fixture.database.kysely);
      return rows.length > 0;
    }, 'the first transaction');
    await work();
  });
  return waiting;
}

/** A channel of the server whose messages the same shard writes. */
async function neighbour(owner: UserId, channel: Channel): Promise<ChannelId> {
  let id = newChannelId();
  while (shardOf(id) !== shardOf(channel.id)) id = newChannelId();
  const row = { id, server_id: channel.serverId, name: 'next', type: 'text' as const, position: 1, topic: null };
  await fixture.database.kysely.insertInto('channels').values(row).execute();
  expect(await world.listing(owner, id)).toEqual([]);
  return id;
}

describe('messages that wait for their shard', () => {
  it('are committed together, whatever their channel, and each is answered for itself', async () => {
    const { channel, owner, member, server } = await world.community();
    const next = await neighbour(owner, channel);
    const heard = await world.listen(server.id);
    let rest: Promise<unknown>[] = [];
    const first = await holding(
      channel,
      () => post(owner, channel.id, 'first'),
      async () => {
        rest = [
          ...Array.from({ length: 20 }, (_, n) => post(owner, channel.id, `here ${String(n)}`)),
          ...Array.from({ length: 20 }, (_, n) => post(member, next, `next ${String(n)}`)),
          post(fixture.newUser(), channel.id, 'a stranger'),
        ];
        await received();
      },
    );
    expect(first).toMatchObject({ ok: true });
    const answers = await Promise.all(rest);
    expect(answers.slice(0, 40)).toEqual(Array<unknown>(40).fill(expect.objectContaining({ ok: true })));
    expect(answers[40]).toMatchObject({ error: { code: 'not_found' } });
    expect(await commits(channel.id)).toBe(2);
    expect(await commits(next)).toBe(1);
    const listed = await world.listing(owner, channel.id);
    const expected = ['first', ...Array.from({ length: 20 }, (_, n) => `here ${String(n)}`)];
    expect(listed.map(({ content }) => content)).toEqual(expected);
    await waitFor(() => heard.length === 41, 'all announcements');
  });

  it('keep their order with edits and deletions among them', async () => {
    const { channel, owner, server } = await world.community();
    const { id: messageId } = await world.post(owner, channel.id, 'draft');
    const heard = await world.listen(server.id);
    const about = { actorId: owner, channelId: channel.id, messageId };
    let rest: Promise<string>[] = [];
    await holding(
      channel,
      () => post(owner, channel.id, 'first'),
      async () => {
        rest = [
          said(fixture.bus.call(messages.edit, { ...about, content: 'final' }, { deadlineMs: 10_000 })),
          said(fixture.bus.call(messages.post, { ...about, content: 'reply', replyTo: messageId })),
          said(fixture.bus.call(messages.delete, about)),
          said(fixture.bus.call(messages.edit, { ...about, content: 'too late' })),
          said(fixture.bus.call(messages.post, { ...about, content: 'no reply', replyTo: messageId })),
        ];
        await received();
      },
    );
    expect(await Promise.all(rest)).toEqual(['ok', 'ok', 'ok', 'not_found', 'not_found']);
    await waitFor(() => heard.length === 4, 'all announcements');
    expect(heard).toMatchObject([
      { type: 'message_created', message: { content: 'first' } },
      { type: 'message_updated', message: { id: messageId, content: 'final' } },
      { type: 'message_created', message: { content: 'reply', replyTo: messageId } },
      { type: 'message_deleted', messageId },
    ]);
  });

  it('longer than their senders do are not stored', async () => {
    const { channel, owner } = await world.community();
    let late: Promise<string> = Promise.resolve('');
    await holding(
      channel,
      () => post(owner, channel.id, 'first'),
      async () => {
        late = said(post(owner, channel.id, 'late'));
        await received();
        await new Promise((resolve) => setTimeout(resolve, messages.post.deadlineMs + 100));
      },
    );
    expect(await late).toBe('timeout');
    expect((await world.listing(owner, channel.id)).map(({ content }) => content)).toEqual(['first']);
  });
});

describe('two who both think that they own a shard', () => {
  it('never both write: the one without the lease is refused', async () => {
    const { channel, owner } = await world.community();
    const { kysely } = fixture.database;
    await sql`UPDATE shard_leases SET epoch = epoch + 1 WHERE shard = ${shardOf(channel.id)}`.execute(kysely);
    expect(await said(post(owner, channel.id, 'too late'))).toBe('unavailable');
    await waitFor(async () => (await said(post(owner, channel.id, 'anew'))) === 'ok', 'a new owner', 15_000);
    expect((await world.listing(owner, channel.id)).map(({ content }) => content)).toEqual(['anew']);
  });
});
