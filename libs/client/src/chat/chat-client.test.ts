import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ManualTimers } from '../testing/manual-timers.js';
import { retryNow } from '../testing/retry-now.js';
import { ScriptedServer, type Peer } from '../testing/scripted-server.js';
import { ChatClient } from './chat-client.js';

let server: ScriptedServer;
let timers: ManualTimers;
let client: ChatClient;

beforeEach(async () => {
  server = await ScriptedServer.start();
  timers = new ManualTimers();
  client = new ChatClient({ url: server.url, token: () => 'jwt', WebSocket, timers });
});
afterEach(async () => {
  client.disconnect();
  await server.stop();
});

const user = { id: 'u', username: 'a', email: null, avatar_url: null, status: 'online', created_at: '' };
const message = {
  id: 'm',
  channel_id: 'c',
  author_id: 'u',
  content: 'hi',
  created_at: '',
  updated_at: null,
  edited_at: null,
  reply_to: null,
};

async function ready(sequence: number, resumed?: boolean): Promise<Peer> {
  const peer = await server.peer();
  const d = { user, servers: [], sequence, ...(resumed === undefined ? {} : { resumed }) };
  peer.say({ op: 'DISPATCH', t: 'READY', d });
  await waitFor(() => client.status.state === 'ready', 'ready');
  return peer;
}

async function again(peer: Peer): Promise<void> {
  peer.terminate();
  await retryNow(client, timers);
}

test('messages, presence, voice states and signals come as events', async () => {
  const heard: unknown[] = [];
  client.on('messageCreated', ({ content }) => heard.push(content));
  client.on('messageDeleted', ({ id }) => heard.push(id));
  client.on('presence', ({ status }) => heard.push(status));
  client.on('voiceSignal', ({ signal }) => heard.push(signal));
  void client.connect();
  const peer = await ready(1);
  peer.say({ op: 'DISPATCH', t: 'MESSAGE_CREATE', d: message, s: 2 });
  peer.say({ op: 'DISPATCH', t: 'MESSAGE_CREATE', d: { content: 'of no shape' }, s: 3 });
  peer.say({ op: 'DISPATCH', t: 'MESSAGE_DELETE', d: { id: 'm', channel_id: 'c' }, s: 4 });
  peer.say({ op: 'DISPATCH', t: 'PRESENCE_UPDATE', d: { user_id: 'b', status: 'idle' }, s: 5 });
  peer.say({ op: 'DISPATCH', t: 'VOICE_SIGNAL', d: { from_user_id: 'b', signal: null }, s: 6 });
  await waitFor(() => heard.length === 4, 'all');
  expect(heard).toEqual(['hi', 'm', 'idle', null]);
});

test('it comes back with ?since= of the last event, and learns whether all that was missed follows', async () => {
  const resumed: unknown[] = [];
  client.on('ready', (one) => resumed.push(one.resumed));
  void client.connect();
  const first = await ready(7);
  expect(first.url.search).toBe('');
  await again(first);
  const second = await ready(7, true);
  expect([second.url.pathname, second.url.search]).toEqual(['/ws/chat', '?since=7']);
  const heard = new Promise((resolve) => client.on('messageUpdated', resolve));
  second.say({ op: 'DISPATCH', t: 'MESSAGE_UPDATE', d: message, s: 12 });
  await heard;
  await again(second);
  const third = await ready(40, false);
  expect(third.url.search).toBe('?since=12');
  await again(third);
  expect((await ready(40, true)).url.search).toBe('?since=40');
  expect(resumed).toEqual([undefined, true, false, true]);
});

test('status and signals go out; without a connection there is nothing to keep them for', async () => {
  expect(() => client.sendVoiceSignal('b', { type: 'offer' })).toThrow(expect.objectContaining({ code: 'offline' }));
  void client.connect();
  const peer = await ready(1);
  client.setStatus('dnd');
  client.sendVoiceSignal('b', { type: 'offer' });
  expect(await peer.hear('PRESENCE_UPDATE')).toMatchObject({ d: { status: 'dnd' } });
  expect(await peer.hear('VOICE_SIGNAL')).toMatchObject({ d: { to_user_id: 'b', signal: { type: 'offer' } } });
  const refused = new Promise((resolve) => client.on('error', resolve));
  peer.say({ op: 'DISPATCH', t: 'ERROR', d: { code: 'forbidden', message: 'no', op: 'VOICE_SIGNAL' } });
  expect(await refused).toMatchObject({ code: 'forbidden' });
});

test('4001 at the end of a token: it comes back with a fresh one', async () => {
  void client.connect();
  const peer = await ready(1);
  peer.close(4001, 'token expired');
  await retryNow(client, timers);
  await ready(1, true);
});
