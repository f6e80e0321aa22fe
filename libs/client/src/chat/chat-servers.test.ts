import { expect, test } from 'vitest';
import { answering } from '../testing/answering.js';
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

function clients(...answers: readonly object[]) {
  const { asked, fetch } = answering(...answers);
  const config = { url: 'https://host', token: 'jwt', fetch };
  return { asked, servers: new ChatServers(config), voice: new ChatVoice(config) };
}

test('servers', async () => {
  const { asked, servers } = clients([server], server, server, server);
  expect(await servers.list()).toEqual([server]);
  expect(await servers.create('One', 'first')).toEqual(server);
  await servers.rename('s', 'Two');
  await servers.join('a/b');
  await servers.leave('s');
  await servers.delete('s');
  expect(asked).toEqual([
    'jwt GET /servers',
    'jwt POST /servers {"name":"One","description":"first"}',
    'jwt PATCH /servers/s {"name":"Two"}',
    'jwt POST /servers/a%2Fb/join',
    'jwt DELETE /servers/s/leave',
    'jwt DELETE /servers/s',
  ]);
});

test('members', async () => {
  const member = { user_id: 'u', username: 'ann', joined_at: '' };
  const page = { members: [{ ...member, status: 'idle' }, member], more: false };
  const { asked, servers } = clients(page, { members: [{ ...member, status: 'asleep' }], more: false });
  expect(await servers.members('s', { after: 'x', limit: 5 })).toEqual(page);
  await expect(servers.members('s')).rejects.toMatchObject({ code: 'internal' });
  await servers.kick('s', 'u');
  await servers.ban('s', 'u');
  await servers.unban('s', 'u');
  expect(asked).toEqual([
    'jwt GET /servers/s/members?after=x&limit=5',
    'jwt GET /servers/s/members',
    'jwt DELETE /servers/s/members/u',
    'jwt PUT /servers/s/bans/u',
    'jwt DELETE /servers/s/bans/u',
  ]);
});

test('channels', async () => {
  const { asked, servers } = clients([channel], channel, channel);
  expect(await servers.channels('s')).toEqual([channel]);
  await servers.createChannel('s', { name: 'general', type: 'text' });
  await servers.renameChannel('s', 'c', 'all');
  await servers.deleteChannel('s', 'c');
  expect(asked).toEqual([
    'jwt GET /servers/s/channels',
    'jwt POST /servers/s/channels {"name":"general","type":"text"}',
    'jwt PATCH /servers/s/channels/c {"name":"all"}',
    'jwt DELETE /servers/s/channels/c',
  ]);
});

test('voice', async () => {
  const ice = { iceServers: [{ urls: ['turn:host'], username: 'u', credential: 'p' }], ttl: 3_600 };
  const { asked, voice } = clients(state, state, [state], ice);
  expect(await voice.join('c', { muted: true })).toEqual(state);
  await voice.update('c', { deafened: true });
  expect(await voice.list('c')).toEqual([state]);
  expect(await voice.iceServers()).toEqual(ice);
  await voice.leave('c');
  expect(asked).toEqual([
    'jwt POST /channels/c/voice {"muted":true}',
    'jwt PATCH /channels/c/voice {"deafened":true}',
    'jwt GET /channels/c/voice',
    'jwt GET /ice-servers',
    'jwt DELETE /channels/c/voice',
  ]);
});
