import { expect, test } from 'vitest';
import { ChatServers } from './chat-servers.js';
import { ChatVoice } from './chat-voice.js';

const server = { id: 's', name: 'One', description: null, owner_id: 'u', member_count: 1, created_at: '' };
const channel = {
  id: 'c',
  server_id: 's',
  name: 'general',
  type: 'text',
  position: 0,
  topic: null,
  created_at: '',
} as const;
const state = {
  user_id: 'u',
  channel_id: 'c',
  muted: true,
  deafened: false,
  self_mute: true,
  self_deaf: false,
  username: 'ann',
  server_id: 's',
  joined_at: '',
};

/** A server that answers each request with what is listed next; `asked` is what it was asked. */
function answering(...answers: readonly unknown[]) {
  const asked: string[] = [];
  const left = [...answers];
  const fetch = async (url: URL | RequestInfo, init?: RequestInit): Promise<Response> => {
    const path = url instanceof URL ? url.pathname + url.search : 'other';
    asked.push([init?.method, path, ...(typeof init?.body === 'string' ? [init.body] : [])].join(' '));
    const answer = left.shift();
    return answer === undefined ? new Response(null, { status: 204 }) : Response.json(answer);
  };
  const config = { url: 'https://host', token: 'jwt', fetch };
  return { asked, servers: new ChatServers(config), voice: new ChatVoice(config) };
}

test('servers', async () => {
  const { asked, servers } = answering([server], server, server, server);
  expect(await servers.list()).toEqual([server]);
  expect(await servers.create('One', 'first')).toEqual(server);
  await servers.rename('s', 'Two');
  await servers.join('a/b');
  await servers.leave('s');
  await servers.delete('s');
  expect(asked).toEqual([
    'GET /servers',
    'POST /servers {"name":"One","description":"first"}',
    'PATCH /servers/s {"name":"Two"}',
    'POST /servers/a%2Fb/join',
    'DELETE /servers/s/leave',
    'DELETE /servers/s',
  ]);
});

test('members', async () => {
  const member = { user_id: 'u', username: 'ann', joined_at: '' };
  const page = { members: [{ ...member, status: 'idle' }, member], more: false };
  const { asked, servers } = answering(page, { members: [{ ...member, status: 'asleep' }], more: false });
  expect(await servers.members('s', { after: 'x', limit: 5 })).toEqual(page);
  await expect(servers.members('s')).rejects.toMatchObject({ code: 'internal' });
  await servers.kick('s', 'u');
  await servers.ban('s', 'u');
  await servers.unban('s', 'u');
  expect(asked).toEqual([
    'GET /servers/s/members?after=x&limit=5',
    'GET /servers/s/members',
    'DELETE /servers/s/members/u',
    'PUT /servers/s/bans/u',
    'DELETE /servers/s/bans/u',
  ]);
});

test('channels', async () => {
  const { asked, servers } = answering([channel], channel, channel);
  expect(await servers.channels('s')).toEqual([channel]);
  await servers.createChannel('s', { name: 'general', type: 'text' });
  await servers.renameChannel('s', 'c', 'all');
  await servers.deleteChannel('s', 'c');
  expect(asked).toEqual([
    'GET /servers/s/channels',
    'POST /servers/s/channels {"name":"general","type":"text"}',
    'PATCH /servers/s/channels/c {"name":"all"}',
    'DELETE /servers/s/channels/c',
  ]);
});

test('voice', async () => {
  const ice = { iceServers: [{ urls: ['turn:host'], username: 'u', credential: 'p' }], ttl: 3_600 };
  const { asked, voice } = answering(state, state, [state], ice);
  expect(await voice.join('c', { muted: true })).toEqual(state);
  await voice.update('c', { deafened: true });
  expect(await voice.list('c')).toEqual([state]);
  expect(await voice.iceServers()).toEqual(ice);
  await voice.leave('c');
  expect(asked).toEqual([
    'POST /channels/c/voice {"muted":true}',
    'PATCH /channels/c/voice {"deafened":true}',
    'GET /channels/c/voice',
    'GET /ice-servers',
    'DELETE /channels/c/voice',
  ]);
});
