import { ChatClient, ChatRest, ChatServers, ChatVoice, type ChatChannel, type ChatServer } from '@parley/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ChatCore } from './chat-core.js';
import { FakeSocket } from './testing/fake-socket.js';
import { messageOf } from './testing/messages.js';

const ME = 'me';
const user = { id: ME, username: ME, email: null, avatar_url: null, status: 'online', created_at: '' };

let servers: ChatServer[];
let channels: ChatChannel[];
let asked: string[];
let core: ChatCore;
let stop: () => void;

function serverOf(id: string): ChatServer {
  return { id, name: id, description: null, owner_id: ME, member_count: 1, created_at: '' };
}

function channelOf(id: string, type: 'text' | 'voice' = 'text'): ChatChannel {
  return { id, server_id: 's', name: id, type, position: 0, topic: null, created_at: '' };
}

/** As much of the API as is asked here. */
function answerOf(path: string): unknown {
  if (path === '/servers') return servers;
  if (path.endsWith('/join')) return serverOf(path.split('/')[2] ?? '');
  if (path.endsWith('/channels')) return channels;
  if (path.endsWith('/members'))
    return { members: [{ user_id: ME, username: ME, joined_at: '', status: 'online' }], more: false };
  return [];
}

beforeEach(() => {
  FakeSocket.made.length = 0;
  vi.stubGlobal('addEventListener', () => undefined);
  vi.stubGlobal('removeEventListener', () => undefined);
  servers = [serverOf('s')];
  channels = [channelOf('talk', 'voice'), channelOf('general'), channelOf('random')];
  asked = [];
  const fetch = (url: URL | RequestInfo, init?: RequestInit): Promise<Response> => {
    const path = url instanceof URL ? url.pathname : 'other';
    asked.push(`${init?.method ?? ''} ${path}`);
    return Promise.resolve(Response.json(answerOf(path)));
  };
  const config = { url: 'http://host', token: 'jwt', fetch };
  core = new ChatCore(
    {
      client: new ChatClient({ url: 'ws://host', token: 'jwt', WebSocket: FakeSocket }),
      rest: new ChatRest(config),
      servers: new ChatServers(config),
      voice: new ChatVoice(config),
    },
    ME,
  );
  stop = core.start();
});
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
});

async function ready(): Promise<void> {
  await vi.waitFor(() => expect(FakeSocket.made.length).toBeGreaterThan(0));
  const listed = servers.map((server) => ({ ...server, sequence: 1 }));
  FakeSocket.last.dispatch('READY', { user, servers: listed, sequence: 1 });
}

async function at(server: string | undefined, channel: string | undefined): Promise<void> {
  await vi.waitFor(() => {
    const place = core.place.get();
    expect([place.server?.serverId, place.channel?.channelId]).toEqual([server, channel]);
  });
}

test('nothing is read before there is a connection; then the first server and its first text channel are open', async () => {
  expect(asked).toEqual([]);
  await ready();
  await at('s', 'general');
  await vi.waitFor(() => expect(asked).toContain('GET /channels/talk/voice'));
  expect(asked.filter((path) => path === 'GET /channels/general/messages')).toHaveLength(1);
});

describe('a link', () => {
  test('to a channel of a server that one is in leads there', async () => {
    core.follow('s', 'random');
    await ready();
    await at('s', 'random');
  });

  test('to another server is an invitation, until it is accepted', async () => {
    core.follow('other', 'x');
    await ready();
    await vi.waitFor(() => expect(core.invite.get()).toBe('other'));
    await at(undefined, undefined);
    servers = [...servers, serverOf('other')];
    await core.joinServer('other');
    await at('other', 'general');
    expect(core.invite.get()).toBeUndefined();
  });

  test('that invites to a server that one is in already just leads there', async () => {
    core.join('s');
    await ready();
    await at('s', 'general');
    expect(core.invite.get()).toBeUndefined();
  });
});

describe('what others have changed', () => {
  test('who was taken out of the server is told', async () => {
    await ready();
    await at('s', 'general');
    servers = [];
    await core.refresh();
    expect(core.notice.get()).toContain('not a member of this server any more');
    await at(undefined, undefined);
  });

  test('who reads a channel that is deleted is told, and finds another', async () => {
    await ready();
    await at('s', 'general');
    channels = channels.filter(({ id }) => id !== 'general');
    await core.refresh();
    expect(core.notice.get()).toContain('deleted');
    await at('s', 'random');
  });

  test('a message in a channel that is not known yet brings the channel', async () => {
    await ready();
    await at('s', 'general');
    channels = [...channels, channelOf('new')];
    FakeSocket.last.dispatch('MESSAGE_CREATE', messageOf({ id: 'm1', channel_id: 'new' }));
    const known = (): readonly string[] => core.place.get().server?.channels.value?.map(({ id }) => id) ?? [];
    await vi.waitFor(() => expect(known()).toContain('new'));
    expect(core.unread.get().get('new')).toBe(1);
    core.openChannel('new');
    expect(core.unread.get().has('new')).toBe(false);
  });

  test('presence of members, and one’s own from another window', async () => {
    await ready();
    await at('s', 'general');
    FakeSocket.last.dispatch('PRESENCE_UPDATE', { user_id: ME, status: 'dnd' });
    expect([core.status.get(), core.place.get().server?.members.value?.[0]?.status]).toEqual(['dnd', 'dnd']);
  });
});
