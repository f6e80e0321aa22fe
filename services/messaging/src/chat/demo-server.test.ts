import { channels, newUserId, servers } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessagingFixture, usernameOf } from '../testing/messaging-fixture.js';
import { demoServerId } from './demo-server.js';
import { ChatWorld, must } from './testing/chat-world.js';

let fixture: MessagingFixture;

beforeAll(async () => {
  fixture = await MessagingFixture.start();
});

afterAll(() => fixture.stop());

describe('the demo server', () => {
  it('is made once, with two channels, by whichever replica owns its shard, as soon as the account is there', async () => {
    const userId = newUserId();
    const env = { PARLEY_DEMO_SERVER: usernameOf(userId) };
    const replicas = await Promise.all([fixture.replica(env), fixture.replica(env)]);
    const list = async () => must(await fixture.bus.call(servers.list, { actorId: userId })).servers;
    expect(await list()).toEqual([]);
    fixture.addUser(userId);
    await waitFor(async () => (await list()).length > 0, 'the server', 10_000);
    const [server] = await list();
    expect(server).toMatchObject({ id: demoServerId(userId), name: 'Parley', ownerId: userId, memberCount: 1 });
    const request = { actorId: userId, serverId: demoServerId(userId) };
    const made = must(await fixture.bus.call(channels.list, request)).channels;
    expect(made.map(({ name, type, position }) => [name, type, position])).toEqual([
      ['general', 'text', 0],
      ['Lounge', 'voice', 1],
    ]);
    for (const replica of replicas) await replica.stop();
    await fixture.soleReplica(env);
    expect(await list()).toEqual([server]);
    expect(must(await fixture.bus.call(channels.list, request)).channels).toEqual(made);
  });

  it('is not for an account that is in a server already', async () => {
    const world = new ChatWorld(fixture);
    const { server, member } = await world.community();
    const replica = await fixture.replica({ PARLEY_DEMO_SERVER: usernameOf(member) });
    // Finishes the look that it began with.
    await replica.stop();
    expect(must(await fixture.bus.call(servers.list, { actorId: member })).servers).toMatchObject([{ id: server.id }]);
  });
});
