import { channels, messages, newChannelId, newMessageId, type ChatMessage } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessagingFixture } from '../testing/messaging-fixture.js';
import { ChatWorld, must, said } from './testing/chat-world.js';

let fixture: MessagingFixture;
let world: ChatWorld;

beforeAll(async () => {
  fixture = await MessagingFixture.start();
  await fixture.soleReplica({ PARLEY_CHAT_CHANNELS_PER_SERVER: '4' });
  world = new ChatWorld(fixture);
});

afterAll(() => fixture.stop());

describe('channels', () => {
  it('are made, listed in order, changed and deleted, and the members hear it', async () => {
    const owner = fixture.newUser();
    const { id: serverId } = await world.server(owner);
    const heard = await world.listen(serverId);
    const make = { actorId: owner, serverId, name: 'deck', type: 'text' as const, topic: 'All hands' };
    const deck = must(await fixture.bus.call(channels.create, make));
    expect(deck).toMatchObject({ serverId, name: 'deck', type: 'text', position: 0, topic: 'All hands' });
    const galley = must(
      await fixture.bus.call(channels.create, { actorId: owner, serverId, name: 'galley', type: 'voice' }),
    );
    expect(galley).toMatchObject({ type: 'voice', position: 1, topic: null });
    const change = { actorId: owner, serverId, channelId: deck.id };
    const moved = must(await fixture.bus.call(channels.update, { ...change, position: 7, topic: null }));
    expect(moved).toEqual({ ...deck, position: 7, topic: null });
    const list = async () => must(await fixture.bus.call(channels.list, { actorId: owner, serverId })).channels;
    expect(await list()).toEqual([galley, moved]);
    expect(must(await fixture.bus.call(channels.get, { actorId: owner, channelId: deck.id }))).toEqual(moved);
    must(await fixture.bus.call(channels.delete, change));
    expect(await list()).toEqual([galley]);
    expect(await said(fixture.bus.call(channels.delete, change))).toBe('not_found');
    await waitFor(() => heard.length === 4, 'four announcements');
    expect(heard).toEqual([
      { type: 'channel_created', channel: deck },
      { type: 'channel_created', channel: galley },
      { type: 'channel_updated', channel: moved },
      { type: 'channel_deleted', channelId: deck.id },
    ]);
  });

  it('are bounded per server, also when they are made at once', async () => {
    const owner = fixture.newUser();
    const { id: serverId } = await world.server(owner);
    const request = { actorId: owner, serverId, name: 'c', type: 'text' as const };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => said(fixture.bus.call(channels.create, request))),
    );
    expect(answers.filter((answer) => answer === 'limit_exceeded')).toHaveLength(2);
    const made = must(await fixture.bus.call(channels.list, { actorId: owner, serverId })).channels;
    expect(made.map(({ position }) => position)).toEqual([0, 1, 2, 3]);
  });

  it('have topics that fit into one answer together', async () => {
    const owner = fixture.newUser();
    const { id: serverId } = await world.server(owner);
    const { id: channelId } = await world.channel(owner, serverId);
    const { kysely } = fixture.database;
    await sql`INSERT INTO channels (id, server_id, name, type, position, topic)
      SELECT gen_random_uuid(), ${serverId}, 'c', 'text', n, repeat(chr(1), 1000) FROM generate_series(1, 99) AS n`.execute(
      kysely,
    );
    const update = { actorId: owner, serverId, channelId };
    must(await fixture.bus.call(channels.update, { ...update, topic: 'short' }));
    const long = { ...update, topic: '\u0001'.repeat(1_000) };
    expect(await fixture.bus.call(channels.update, long)).toMatchObject({ error: { code: 'invalid', field: 'topic' } });
    expect(must(await fixture.bus.call(channels.list, { actorId: owner, serverId })).channels).toHaveLength(100);
  });

  it('belong to one server', async () => {
    const [here, there] = [await world.community(), await world.community()];
    const foreign = { actorId: there.owner, serverId: there.server.id, channelId: here.channel.id };
    expect(await said(fixture.bus.call(channels.update, { ...foreign, name: 'mine' }))).toBe('not_found');
    expect(await said(fixture.bus.call(channels.delete, foreign))).toBe('not_found');
    const both = fixture.newUser();
    for (const { server } of [here, there]) await world.join(both, server.id);
    const named = { actorId: both, channelId: here.channel.id, serverId: there.server.id };
    expect(await said(fixture.bus.call(channels.get, named))).toBe('not_found');
  });
});

describe('messages', () => {
  it('are posted, listed newest first, and announced', async () => {
    const { channel, member, owner, server } = await world.community();
    const heard = await world.listen(server.id);
    const first = await world.post(member, channel.id, 'Ahoy');
    const second = await world.post(owner, channel.id, 'Ahoy yourself \u{1f680}');
    expect(first).toMatchObject({ channelId: channel.id, serverId: server.id, authorId: member, content: 'Ahoy' });
    expect(first).toMatchObject({ replyTo: null, updatedAt: null });
    const page = must(await fixture.bus.call(messages.list, { actorId: owner, channelId: channel.id, limit: 50 }));
    expect(page).toEqual({ messages: [second, first], more: false });
    await waitFor(() => heard.length === 2, 'both announcements');
    expect(heard).toEqual([
      { type: 'message_created', message: first },
      { type: 'message_created', message: second },
    ]);
  });

  it('are edited and deleted, which never overtakes their creation', async () => {
    const { channel, member, owner, server } = await world.community();
    const heard = await world.listen(server.id);
    const posted = await Promise.all(['a', 'b', 'c'].map((text) => world.post(member, channel.id, text)));
    const edits = await Promise.all(
      posted.map(({ id }) => {
        const request = { actorId: member, channelId: channel.id, messageId: id, content: `${id} edited` };
        return fixture.bus.call(messages.edit, request);
      }),
    );
    const edited = edits.map(must);
    for (const [i, message] of edited.entries()) {
      expect(message).toEqual({ ...posted[i], content: `${message.id} edited`, updatedAt: message.updatedAt });
      expect(Date.parse(message.updatedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(message.createdAt));
    }
    const [gone] = posted;
    const removal = { actorId: owner, channelId: channel.id, messageId: gone?.id ?? newMessageId() };
    must(await fixture.bus.call(messages.delete, removal));
    expect(await said(fixture.bus.call(messages.delete, removal))).toBe('not_found');
    expect(await said(fixture.bus.call(messages.edit, { ...removal, content: 'x' }))).toBe('not_found');
    const left = await world.listing(member, channel.id);
    expect(left).toEqual(edited.filter(({ id }) => id !== gone?.id).toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    await waitFor(() => heard.length === 7, 'seven announcements');
    for (const { id } of posted) {
      const types = heard.flatMap((event) => {
        const about = 'message' in event ? event.message.id : 'messageId' in event ? event.messageId : undefined;
        return about === id ? [event.type] : [];
      });
      expect(types).toEqual(
        ['message_created', 'message_updated', 'message_deleted'].slice(0, id === gone?.id ? 3 : 2),
      );
    }
  });

  it('reply to messages of their channel only', async () => {
    const { channel, member, owner, server } = await world.community();
    const other = await world.channel(owner, server.id);
    const first = await world.post(member, channel.id, 'first');
    const reply = { actorId: owner, channelId: channel.id, content: 're', replyTo: first.id };
    expect(must(await fixture.bus.call(messages.post, reply)).replyTo).toBe(first.id);
    expect(await said(fixture.bus.call(messages.post, { ...reply, channelId: other.id }))).toBe('not_found');
    expect(await said(fixture.bus.call(messages.post, { ...reply, replyTo: newMessageId() }))).toBe('not_found');
    must(await fixture.bus.call(messages.delete, { actorId: member, channelId: channel.id, messageId: first.id }));
    expect(await said(fixture.bus.call(messages.post, reply))).toBe('not_found');
  });

  it('are found by their id alone, by members', async () => {
    const { channel, member } = await world.community();
    const { id: messageId } = await world.post(member, channel.id, 'here');
    expect(must(await fixture.bus.call(messages.locate, { actorId: member, messageId }))).toEqual({
      channelId: channel.id,
    });
    const stranger = fixture.newUser();
    expect(await said(fixture.bus.call(messages.locate, { actorId: stranger, messageId }))).toBe('not_found');
    expect(await said(fixture.bus.call(messages.locate, { actorId: member, messageId: newMessageId() }))).toBe(
      'not_found',
    );
  });

  it('are not for voice channels, and hold only what a text can hold', async () => {
    const { channel, owner, server } = await world.community();
    const voice = await world.channel(owner, server.id, 'voice');
    const post = (channelId: typeof channel.id, content: string) =>
      fixture.bus.call(messages.post, { actorId: owner, channelId, content });
    expect(await said(post(voice.id, 'x'))).toBe('invalid');
    expect(await said(post(newChannelId(), 'x'))).toBe('not_found');
    expect(await post(channel.id, 'nul \0')).toMatchObject({ error: { code: 'invalid', field: 'content' } });
    expect(must(await post(channel.id, '\udc00')).content).toBe('\ufffd');
    expect(must(await post(channel.id, '{"a",\\b}\n')).content).toBe('{"a",\\b}\n');
  });

  it('fill a page as far as an answer holds them', async () => {
    const { channel, owner } = await world.community();
    const posted = await Promise.all(
      Array.from({ length: 100 }, () => world.post(owner, channel.id, '海'.repeat(4_000))),
    );
    const page = must(await fixture.bus.call(messages.list, { actorId: owner, channelId: channel.id, limit: 100 }));
    expect(page.more).toBe(true);
    expect(page.messages.length).toBeLessThan(100);
    expect(await world.listing(owner, channel.id)).toHaveLength(posted.length);
  });

  it('posted at once from several sides have one order, that of the listing and of the events', async () => {
    const { channel, member, owner, server } = await world.community();
    const other = await fixture.gateway();
    const heard = await world.listen(server.id);
    const answered: ChatMessage[] = [];
    const callers = [fixture.bus, other.bus].flatMap((bus) => [
      { bus, actorId: owner },
      { bus, actorId: member },
      { bus, actorId: owner },
    ]);
    await Promise.all(
      callers.map(async ({ bus, actorId }, caller) => {
        for (let n = 0; n < 40; n++) {
          const content = `${String(caller)} ${String(n)}`;
          answered.push(must(await bus.call(messages.post, { actorId, channelId: channel.id, content })));
        }
      }),
    );
    const listed = await world.listing(owner, channel.id, 33);
    expect(listed).toHaveLength(240);
    expect(listed).toEqual(answered.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    await waitFor(() => heard.length === 240, 'all announcements');
    expect(heard).toEqual(listed.map((message) => ({ type: 'message_created', message })));
    // Each caller's own order.
    for (const caller of callers.keys()) {
      const own = listed
        .filter(({ content }) => content.startsWith(`${String(caller)} `))
        .map(({ content }) => content);
      expect(own).toEqual(Array.from({ length: 40 }, (_, n) => `${String(caller)} ${String(n)}`));
    }
    await other.stop();
  });
});
