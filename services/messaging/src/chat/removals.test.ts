import { channels, newMessageId, servers } from '@parley/contracts';
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

describe('what is removed', () => {
  it('goes in batches: a server with more members than one transaction takes', async () => {
    const { server, owner, member } = await world.community();
    const { kysely } = fixture.database;
    await sql`INSERT INTO members (server_id, user_id, username)
      SELECT ${server.id}, gen_random_uuid(), 'crew' FROM generate_series(1, 1200)`.execute(kysely);
    const told: string[] = [];
    fixture.bus.subscribe('evt.membership.*', ({ id }) => told.push(id));
    must(await fixture.bus.flush());
    const before = told.length;
    must(await fixture.bus.call(servers.delete, { actorId: owner, serverId: server.id }));
    await waitFor(() => told.length - before === 1_202, 'everybody to be told', 20_000);
    expect(new Set(told.slice(before)).size).toBe(1_202);
    expect(told).toContain(member);
    await waitFor(async () => (await kysely.selectFrom('servers').select('id').execute()).length === 0, 'its end');
  });

  it('is out of reach at once: a channel with more messages than one statement takes', async () => {
    const { server, channel, owner, member } = await world.community();
    const { kysely } = fixture.database;
    const first = await world.post(member, channel.id, 'x');
    await sql`INSERT INTO messages (id, channel_id, author_id, content, created_at)
      SELECT gen_random_uuid(), ${channel.id}, ${member}, 'old', now() FROM generate_series(1, 5000)`.execute(kysely);
    must(await fixture.bus.call(channels.delete, { actorId: owner, serverId: server.id, channelId: channel.id }));
    const get = { actorId: member, channelId: channel.id };
    expect(await said(fixture.bus.call(channels.get, get))).toBe('not_found');
    await expect(world.listing(member, channel.id)).rejects.toThrow('not_found');
    await expect(world.post(member, channel.id, 'late')).rejects.toThrow('not_found');
    expect(first.id < newMessageId()).toBe(true);
    await waitFor(async () => {
      const notes = await kysely.selectFrom('removed_channels').select('channel_id').execute();
      return notes.length === 0;
    }, 'the messages to go');
    expect(await kysely.selectFrom('messages').select('id').where('channel_id', '=', channel.id).execute()).toEqual([]);
  });
});
