import { channels, messages, servers, type Outcome, type UserId } from '@parley/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessagingFixture } from '../testing/messaging-fixture.js';
import { ChatWorld, said, type Community } from './testing/chat-world.js';

let fixture: MessagingFixture;
let world: ChatWorld;

beforeAll(async () => {
  fixture = await MessagingFixture.start();
  await fixture.soleReplica();
  world = new ChatWorld(fixture);
});

afterAll(() => fixture.stop());

interface Scene extends Community {
  readonly actorId: UserId;
  /** By the member who is neither the owner nor, when that is a member, the actor. */
  readonly messageId: Awaited<ReturnType<ChatWorld['post']>>['id'];
  readonly other: UserId;
}

type Ask = (scene: Scene) => Promise<Outcome<unknown>>;

/** What a request is answered to the owner, to a member, and to everybody else. */
const requests: readonly (readonly [name: string, owner: string, member: string, ask: Ask])[] = [
  ['get-server', 'ok', 'ok', (s) => world.bus.call(servers.get, on(s))],
  ['update-server', 'ok', 'forbidden', (s) => world.bus.call(servers.update, { ...on(s), name: 'New' })],
  ['delete-server', 'ok', 'forbidden', (s) => world.bus.call(servers.delete, on(s))],
  ['leave-server', 'conflict', 'ok', (s) => world.bus.call(servers.leave, on(s))],
  ['list-members', 'ok', 'ok', (s) => world.bus.call(servers.members, { ...on(s), limit: 10 })],
  ['kick-member', 'ok', 'forbidden', (s) => world.bus.call(servers.kick, { ...on(s), userId: s.other })],
  [
    'kick-member, the owner',
    'conflict',
    'forbidden',
    (s) => world.bus.call(servers.kick, { ...on(s), userId: s.owner }),
  ],
  ['ban-member', 'ok', 'forbidden', (s) => world.bus.call(servers.ban, { ...on(s), userId: s.other })],
  ['ban-member, the owner', 'conflict', 'forbidden', (s) => world.bus.call(servers.ban, { ...on(s), userId: s.owner })],
  ['unban-member', 'not_found', 'forbidden', (s) => world.bus.call(servers.unban, { ...on(s), userId: s.other })],
  ['create-channel', 'ok', 'forbidden', (s) => world.bus.call(channels.create, { ...on(s), name: 'c', type: 'voice' })],
  ['list-channels', 'ok', 'ok', (s) => world.bus.call(channels.list, on(s))],
  ['get-channel', 'ok', 'ok', (s) => world.bus.call(channels.get, at(s))],
  ['update-channel', 'ok', 'forbidden', (s) => world.bus.call(channels.update, { ...on(s), ...at(s), name: 'New' })],
  ['delete-channel', 'ok', 'forbidden', (s) => world.bus.call(channels.delete, { ...on(s), ...at(s) })],
  ['post-message', 'ok', 'ok', (s) => world.bus.call(messages.post, { ...at(s), content: 'x' })],
  ['list-messages', 'ok', 'ok', (s) => world.bus.call(messages.list, { ...at(s), limit: 10 })],
  [
    'locate-message',
    'ok',
    'ok',
    (s) => world.bus.call(messages.locate, { actorId: s.actorId, messageId: s.messageId }),
  ],
  [
    'edit-message',
    'forbidden',
    'forbidden',
    (s) => world.bus.call(messages.edit, { ...at(s), ...about(s), content: 'x' }),
  ],
  ['delete-message', 'ok', 'forbidden', (s) => world.bus.call(messages.delete, { ...at(s), ...about(s) })],
];

const on = ({ actorId, server }: Scene) => ({ actorId, serverId: server.id });
const at = ({ actorId, channel }: Scene) => ({ actorId, channelId: channel.id });
const about = ({ messageId }: Scene) => ({ messageId });

async function scene(actor: (community: Community) => Promise<UserId> | UserId): Promise<Scene> {
  const community = await world.community();
  const other = fixture.newUser();
  await world.join(other, community.server.id);
  const { id: messageId } = await world.post(other, community.channel.id, 'by the other');
  return { ...community, other, messageId, actorId: await actor(community) };
}

async function kicked({ owner, server, member }: Community): Promise<UserId> {
  await fixture.bus.call(servers.kick, { actorId: owner, serverId: server.id, userId: member });
  return member;
}

describe.each(requests)('%s', (_, owner, member, ask) => {
  it(`answers ${owner} to the owner, ${member} to a member, not_found to everybody else`, async () => {
    expect(await said(ask(await scene((community) => community.owner)))).toBe(owner);
    expect(await said(ask(await scene((community) => community.member)))).toBe(member);
    expect(await said(ask(await scene(() => fixture.newUser())))).toBe('not_found');
    expect(await said(ask(await scene(kicked)))).toBe('not_found');
    const gone = await scene((community) => community.owner);
    await fixture.bus.call(servers.delete, { actorId: gone.owner, serverId: gone.server.id });
    expect(await said(ask(gone))).toBe('not_found');
  });
});
