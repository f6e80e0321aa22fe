import { newServerId, newUserId, servers, type UserId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessagingFixture } from '../testing/messaging-fixture.js';
import { ChatWorld, must, said } from './testing/chat-world.js';

let fixture: MessagingFixture;
let world: ChatWorld;

beforeAll(async () => {
  fixture = await MessagingFixture.start();
  await fixture.soleReplica({ PARLEY_CHAT_SERVERS_PER_USER: '3', PARLEY_CHAT_MEMBERS_PER_SERVER: '60' });
  world = new ChatWorld(fixture);
});

afterAll(() => fixture.stop());

function members(actorId: UserId, serverId: ReturnType<typeof newServerId>, limit = 1_000, after?: UserId) {
  const page = after === undefined ? { limit } : { limit, after };
  return fixture.bus.call(servers.members, { actorId, serverId, ...page });
}

describe('a server', () => {
  it('is made with its owner as the first member', async () => {
    const owner = fixture.newUser();
    const heard = await world.memberships(owner);
    const request = { actorId: owner, serverId: newServerId(), name: 'Sailors', description: 'Fair winds' };
    const server = must(await fixture.bus.call(servers.create, request));
    expect(server).toMatchObject({ id: request.serverId, name: 'Sailors', ownerId: owner, memberCount: 1 });
    expect(server.description).toBe('Fair winds');
    expect(new Date(server.createdAt).toISOString()).toBe(server.createdAt);
    expect(must(await fixture.bus.call(servers.list, { actorId: owner }))).toEqual({ servers: [server] });
    expect(await world.get(owner, server.id)).toEqual(server);
    await waitFor(() => heard.length > 0, 'the announcement');
    expect(heard).toEqual([`joined ${server.id}`]);
  });

  it('is the same when it is made again, and nobody else can take its id', async () => {
    const owner = fixture.newUser();
    const request = { actorId: owner, serverId: newServerId(), name: 'Once' };
    const first = must(await fixture.bus.call(servers.create, request));
    expect(must(await fixture.bus.call(servers.create, { ...request, name: 'Twice' }))).toEqual(first);
    expect(await fixture.bus.call(servers.create, { ...request, actorId: fixture.newUser() })).toMatchObject({
      error: { code: 'invalid', field: 'serverId' },
    });
  });

  it('is refused to somebody without an account', async () => {
    const request = { actorId: newUserId(), serverId: newServerId(), name: 'Ghosts' };
    expect(await said(fixture.bus.call(servers.create, request))).toBe('invalid');
  });

  it('keeps what people write, except what no text can hold', async () => {
    const owner = fixture.newUser();
    const make = (name: string) => fixture.bus.call(servers.create, { actorId: owner, serverId: newServerId(), name });
    expect(must(await make('⛵ \u{1f680} "quoted"')).name).toBe('⛵ \u{1f680} "quoted"');
    expect(must(await make('half \ud83d pair')).name).toBe('half \ufffd pair');
    expect(await make('nul \0')).toMatchObject({ error: { code: 'invalid', field: 'name' } });
  });

  it('can be changed by its owner, and the members hear it', async () => {
    const { server, owner } = await world.community();
    const heard = await world.listen(server.id);
    const change = { actorId: owner, serverId: server.id };
    expect(must(await fixture.bus.call(servers.update, { ...change, name: 'Pirates' })).name).toBe('Pirates');
    const described = must(await fixture.bus.call(servers.update, { ...change, description: 'Ahoy' }));
    expect(described).toMatchObject({ name: 'Pirates', description: 'Ahoy', memberCount: 2 });
    expect(must(await fixture.bus.call(servers.update, { ...change, description: null })).description).toBeNull();
    expect(must(await fixture.bus.call(servers.update, change)).name).toBe('Pirates');
    await waitFor(() => heard.length === 3, 'three announcements');
    expect(heard.map(({ type }) => type)).toEqual(['server_updated', 'server_updated', 'server_updated']);
    expect(heard[1]).toEqual({ type: 'server_updated', server: described });
  });

  it('goes with all it had, and everybody hears it', async () => {
    const { server, channel, owner, member } = await world.community();
    await world.post(member, channel.id, 'last words');
    const [heard, told] = [await world.listen(server.id), await world.memberships(member)];
    must(await fixture.bus.call(servers.delete, { actorId: owner, serverId: server.id }));
    expect(await said(fixture.bus.call(servers.get, { actorId: owner, serverId: server.id }))).toBe('not_found');
    expect(must(await fixture.bus.call(servers.list, { actorId: member })).servers).toEqual([]);
    expect(await said(fixture.bus.call(servers.join, { actorId: member, serverId: server.id }))).toBe('not_found');
    await waitFor(() => heard.length + told.length === 2, 'both announcements');
    expect(heard).toEqual([{ type: 'server_deleted' }]);
    expect(told).toEqual([`left ${server.id}`]);
    await waitFor(async () => {
      const { kysely } = fixture.database;
      const left = await Promise.all([
        kysely.selectFrom('servers').select('id').where('id', '=', server.id).execute(),
        kysely.selectFrom('members').select('user_id').where('server_id', '=', server.id).execute(),
        kysely.selectFrom('messages').select('id').where('channel_id', '=', channel.id).execute(),
        kysely.selectFrom('removed_channels').select('channel_id').execute(),
      ]);
      return left.every((rows) => rows.length === 0);
    }, 'its rows to go');
  });
});

describe('members', () => {
  it('join, are listed and counted, and leave', async () => {
    const owner = fixture.newUser();
    const server = await world.server(owner);
    const [heard, joiner] = [await world.listen(server.id), fixture.newUser()];
    const told = await world.memberships(joiner);
    expect((await world.join(joiner, server.id)).memberCount).toBe(2);
    expect((await world.join(joiner, server.id)).memberCount).toBe(2);
    const listed = must(await members(owner, server.id)).members;
    expect(listed.map(({ userId }) => userId)).toEqual([owner, joiner].toSorted());
    expect(listed.find(({ userId }) => userId === joiner)?.username).toBe(`u${joiner.slice(-12)}`);
    must(await fixture.bus.call(servers.leave, { actorId: joiner, serverId: server.id }));
    expect(await said(fixture.bus.call(servers.get, { actorId: joiner, serverId: server.id }))).toBe('not_found');
    expect((await world.get(owner, server.id)).memberCount).toBe(1);
    await waitFor(() => heard.length === 2 && told.length === 2, 'the announcements');
    expect(heard).toMatchObject([
      { type: 'member_joined', member: { userId: joiner }, memberCount: 2 },
      { type: 'member_left', userId: joiner, memberCount: 1 },
    ]);
    expect(told).toEqual([`joined ${server.id}`, `left ${server.id}`]);
  });

  it('are listed page by page', async () => {
    const owner = fixture.newUser();
    const server = await world.server(owner);
    const all = [owner, ...Array.from({ length: 6 }, () => fixture.newUser())];
    for (const user of all.slice(1)) await world.join(user, server.id);
    const first = must(await members(owner, server.id, 4));
    const rest = must(await members(owner, server.id, 4, first.members.at(-1)?.userId));
    expect([first.more, rest.more]).toEqual([true, false]);
    expect([...first.members, ...rest.members].map(({ userId }) => userId)).toEqual(all.toSorted());
  });

  it('are counted right when fifty join and leave at once', async () => {
    const owner = fixture.newUser();
    const server = await world.server(owner);
    const heard = await world.listen(server.id);
    const joiners = Array.from({ length: 50 }, () => fixture.newUser());
    const counts = await Promise.all(joiners.map(async (user) => (await world.join(user, server.id)).memberCount));
    expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 2));
    await Promise.all(
      joiners.slice(0, 20).map((actorId) => fixture.bus.call(servers.leave, { actorId, serverId: server.id })),
    );
    expect((await world.get(owner, server.id)).memberCount).toBe(31);
    expect(must(await members(owner, server.id)).members).toHaveLength(31);
    await waitFor(() => heard.length === 70, 'all announcements');
    const announced = heard.map((event) => ('memberCount' in event ? event.memberCount : undefined));
    const expected = [...Array.from({ length: 50 }, (_, n) => n + 2), ...Array.from({ length: 20 }, (_, n) => 50 - n)];
    expect(announced).toEqual(expected);
  });

  it('are bounded per server and per user, also when they join at once', async () => {
    const [owner, busy] = [fixture.newUser(), fixture.newUser()];
    const server = await world.server(owner);
    const answers = await Promise.all(
      Array.from({ length: 65 }, () =>
        said(fixture.bus.call(servers.join, { actorId: fixture.newUser(), serverId: server.id })),
      ),
    );
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(59);
    expect(answers.filter((answer) => answer === 'limit_exceeded')).toHaveLength(6);
    const many = await Promise.all(Array.from({ length: 6 }, () => world.server(fixture.newUser())));
    const joins = await Promise.all(
      many.map(({ id }) => said(fixture.bus.call(servers.join, { actorId: busy, serverId: id }))),
    );
    expect(joins.toSorted()).toEqual([...Array<string>(3).fill('limit_exceeded'), ...Array<string>(3).fill('ok')]);
    const request = { actorId: busy, serverId: newServerId(), name: 'One too many' };
    expect(await said(fixture.bus.call(servers.create, request))).toBe('limit_exceeded');
  });

  it('who are kicked are out, and may come back', async () => {
    const { server, owner, member } = await world.community();
    const told = await world.memberships(member);
    const kick = { actorId: owner, serverId: server.id, userId: member };
    must(await fixture.bus.call(servers.kick, kick));
    expect(await said(fixture.bus.call(servers.get, { actorId: member, serverId: server.id }))).toBe('not_found');
    expect(await said(fixture.bus.call(servers.kick, kick))).toBe('not_found');
    await world.join(member, server.id);
    await waitFor(() => told.length === 2, 'both announcements');
    expect(told).toEqual([`left ${server.id}`, `joined ${server.id}`]);
  });

  it('who are banned are out, and stay out until that ends', async () => {
    const { server, owner, member } = await world.community();
    const stranger = fixture.newUser();
    for (const userId of [member, stranger]) {
      const ban = { actorId: owner, serverId: server.id, userId };
      must(await fixture.bus.call(servers.ban, ban));
      must(await fixture.bus.call(servers.ban, ban));
      expect(await said(fixture.bus.call(servers.join, { actorId: userId, serverId: server.id }))).toBe('not_found');
      must(await fixture.bus.call(servers.unban, ban));
      expect(await said(fixture.bus.call(servers.unban, ban))).toBe('not_found');
    }
    expect((await world.get(owner, server.id)).memberCount).toBe(1);
    expect((await world.join(member, server.id)).memberCount).toBe(2);
  });

  it('are known with all their servers, as routing wants it', async () => {
    const { server, owner, member } = await world.community();
    const second = await world.server(member);
    const stranger = newUserId();
    const request = { userIds: [owner, member, stranger] };
    const { users } = must(await fixture.bus.call(servers.ofUsers, request));
    const sorted = users.map(({ userId, serverIds }) => ({ userId, serverIds: serverIds.toSorted() }));
    expect(sorted).toEqual([
      { userId: owner, serverIds: [server.id] },
      { userId: member, serverIds: [server.id, second.id].toSorted() },
      { userId: stranger, serverIds: [] },
    ]);
  });
});
