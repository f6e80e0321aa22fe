import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ManualTimers } from '../testing/manual-timers.js';
import { retryNow } from '../testing/retry-now.js';
import { ScriptedServer, type Message, type Peer } from '../testing/scripted-server.js';
import { PartyClient } from './party-client.js';
import type { PartyConfig } from './party-link.js';
import type { MemberStatus, PartyMember } from './party-messages.js';

let server: ScriptedServer;
let timers: ManualTimers;
let client: PartyClient;
let told: string[];

const session = { id: 's1', name: 'The Party', hostId: 'm-host' };

beforeEach(async () => {
  server = await ScriptedServer.start();
  timers = new ManualTimers();
  make();
});
afterEach(async () => {
  client.disconnect();
  await server.stop();
});

function make(config: Partial<PartyConfig> = {}): void {
  told = [];
  const deviceInfo = { id: 'd1', name: 'A phone' };
  client = new PartyClient({ url: server.url, sessionId: 's1', deviceInfo, WebSocket, timers, ...config });
  client.on('memberJoined', ({ id }) => told.push(`${id} joined`));
  client.on('memberLeft', ({ id }, reason) => told.push(`${id} left: ${reason ?? 'unknown'}`));
  client.on('memberStatus', ({ id, connectionStatus }) => told.push(`${id} ${connectionStatus}`));
  client.on('kicked', (reason) => told.push(`kicked: ${reason}`));
  client.on('closed', (reason) => told.push(`closed: ${reason ?? ''}`));
}

function member(id: string, connectionStatus: MemberStatus = 'connected'): PartyMember {
  return { id: `m-${id}`, name: id, isHost: id === 'host', connectionStatus, joinedAt: 0 };
}

function list(peer: Peer, ...members: readonly PartyMember[]): void {
  peer.say({ type: 'member_list', timestamp: 0, members });
}

function refuse(peer: Peer, code: string, details?: object): void {
  peer.say({ type: 'error', timestamp: 0, code, message: 'no', ...(details === undefined ? {} : { details }) });
}

/** Lets it in; what its join said is returned. */
async function letIn(peer: Peer, ...members: readonly PartyMember[]): Promise<Message> {
  const join = await peer.hear('join');
  peer.say({ type: 'welcome', timestamp: 0, clientId: 'm-me', sessionInfo: session });
  list(peer, ...members, member('me'));
  await peer.hear('ping');
  return join;
}

async function inside(...members: readonly PartyMember[]): Promise<Peer> {
  const done = client.connect();
  const peer = await server.peer();
  await letIn(peer, ...members);
  await done;
  return peer;
}

async function again(peer: Peer, ...members: readonly PartyMember[]): Promise<Peer> {
  peer.terminate();
  await retryNow(client, timers);
  const next = await server.peer();
  await letIn(next, ...members);
  await waitFor(() => client.status.state === 'ready', 'to be back');
  return next;
}

async function ended() {
  return waitFor(() => (client.status.state === 'ended' ? client.status.error : undefined), 'the end');
}

async function pong(peer: Peer): Promise<void> {
  peer.say({ type: 'pong', timestamp: (await peer.hear('ping'))['timestamp'] });
}

describe('joining', () => {
  test('a guest joins with its device, and is in when it knows everybody', async () => {
    const done = client.connect();
    const peer = await server.peer();
    expect([peer.url.pathname, peer.protocol]).toEqual(['/ws/party', '']);
    const join = await letIn(peer, member('host'));
    await done;
    const deviceInfo = { id: 'd1', name: 'A phone', type: 'client' };
    expect(join).toMatchObject({ sessionId: 's1', deviceInfo, protocolVersion: '1.0' });
    expect(join).not.toHaveProperty('token');
    expect([client.memberId, client.session, client.members.map(({ id }) => id), told]).toEqual([
      'm-me',
      session,
      ['m-host', 'm-me'],
      [],
    ]);
  });

  test('the host shows its token in the join, an account its own with the upgrade', async () => {
    make({ hostToken: 'host_x', token: () => 'jwt' });
    void client.connect();
    const peer = await server.peer();
    expect(await letIn(peer)).toMatchObject({ token: 'host_x', deviceInfo: { type: 'host' } });
    expect(peer.protocol).toBe('access_token.jwt');
  });

  test('its own old connection is in the way: it asks again at once, and later when that was too early', async () => {
    void client.connect();
    const first = await server.peer();
    await first.hear('join');
    refuse(first, 'already_joined');
    await first.hear('join');
    refuse(first, 'already_joined');
    await retryNow(client, timers);
    await letIn(await server.peer());
    await waitFor(() => client.status.state === 'ready', 'to be in');
  });

  test.each([
    ['session_not_found', 'not_found', {}],
    ['session_full', 'limit_exceeded', { maxMembers: 10, currentMembers: 10 }],
    ['version_mismatch', 'invalid', {}],
    ['unauthorized', 'unauthorized', {}],
    ['invalid_message', 'invalid', { field: 'deviceInfo.name' }],
  ])('%s is final', async (wireCode, code, details) => {
    const refused = expect(client.connect()).rejects.toMatchObject({ code, details: { wireCode, ...details } });
    const peer = await server.peer();
    await peer.hear('join');
    refuse(peer, wireCode, details);
    await refused;
    expect(client.status.state).toBe('ended');
    await peer.gone();
    expect([server.connections, timers.set]).toEqual([1, 0]);
  });

  test('an expired access token is renewed once', async () => {
    let count = 0;
    make({ token: () => `jwt-${String(++count)}` });
    void client.connect();
    const first = await server.peer();
    await first.hear('join');
    refuse(first, 'unauthorized');
    await retryNow(client, timers);
    const second = await server.peer();
    expect(second.protocol).toBe('access_token.jwt-2');
    await letIn(second);
  });
});

describe('members', () => {
  test('come, go, and change', async () => {
    const peer = await inside(member('host'));
    peer.say({ type: 'member_joined', timestamp: 0, member: member('ann') });
    list(peer, member('host', 'reconnecting'), member('me'), member('ann'));
    peer.say({ type: 'member_left', timestamp: 0, memberId: 'm-ann', reason: 'timeout' });
    await waitFor(() => told.length === 3, 'all');
    expect(told).toEqual(['m-ann joined', 'm-host reconnecting', 'm-ann left: timeout']);
    expect(client.getMember('m-host')?.connectionStatus).toBe('reconnecting');
    expect(client.members.map(({ id }) => id)).toEqual(['m-host', 'm-me']);
  });

  test('after a reconnect the list is whole, and tells what happened meanwhile', async () => {
    const first = await inside(member('host'), member('ann'), member('ben'));
    await again(first, member('host', 'disconnected'), member('ben'), member('cat'));
    expect(client.members.map(({ id }) => id)).toEqual(['m-host', 'm-ben', 'm-cat', 'm-me']);
    expect(told).toEqual(['m-ann left: unknown', 'm-host disconnected', 'm-cat joined']);
  });

  test('asked for', async () => {
    const peer = await inside();
    const asked = client.refresh();
    await peer.hear('member_list');
    list(peer, { ...member('me'), latency: 12 });
    await pong(peer);
    expect(await asked).toMatchObject([{ latency: 12 }]);
  });
});

describe('orders of the host', () => {
  test('each has its own outcome, though messages have no ids', async () => {
    const peer = await inside();
    const results = Promise.allSettled([client.kick('m-ann', 'too loud'), client.kick('nobody'), client.kick('m-ben')]);
    expect(await peer.hear('kick')).toMatchObject({ memberId: 'm-ann', reason: 'too loud' });
    await pong(peer);
    await peer.hear('kick');
    refuse(peer, 'invalid_message', { field: 'memberId' });
    await pong(peer);
    await peer.hear('kick');
    await pong(peer);
    expect(await results).toMatchObject([
      { status: 'fulfilled' },
      { reason: { code: 'invalid', details: { field: 'memberId' } } },
      { status: 'fulfilled' },
    ]);
  });

  test('closing it is confirmed by its end', async () => {
    const peer = await inside();
    const closed = client.close('late');
    expect(await peer.hear('close_session')).toMatchObject({ reason: 'late' });
    peer.say({ type: 'session_closed', timestamp: 0, reason: 'late' });
    await closed;
    expect((await ended()).details.wireCode).toBe('session_closed');
  });

  test('fail without a connection, with one that breaks, and in time', async () => {
    await expect(client.kick('m-ann')).rejects.toMatchObject({ code: 'offline' });
    const peer = await inside();
    const late = expect(client.kick('m-ann', undefined, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'timeout' });
    const lost = expect(client.kick('m-ben')).rejects.toMatchObject({ code: 'unavailable' });
    timers.advance(100);
    await late;
    peer.terminate();
    await lost;
  });
});

describe('the end', () => {
  test.each([
    [{ type: 'kicked', timestamp: 0, reason: 'rude' }, 'kicked: rude'],
    [{ type: 'session_closed', timestamp: 0, reason: 'over' }, 'closed: over'],
  ])('%j is final', async (message, expected) => {
    const peer = await inside();
    peer.say(message);
    peer.close(1000);
    expect(await ended()).toMatchObject({ code: 'refused', retryable: false });
    expect([told, timers.set, server.connections]).toEqual([[expected], 0, 1]);
  });

  test('leaving waits for the server to confirm it, and ends idle', async () => {
    const peer = await inside(member('host'));
    const left = client.leave('enough');
    expect(await peer.hear('leave')).toMatchObject({ reason: 'enough' });
    peer.close(1000, 'left');
    await left;
    expect([client.status.state, client.members, client.memberId, timers.set]).toEqual(['idle', [], undefined, 0]);
  });

  test('a server that confirms nothing is left too', async () => {
    const peer = await inside();
    const left = expect(client.leave()).rejects.toMatchObject({ code: 'timeout' });
    await peer.hear('leave');
    timers.advance(5_000);
    await left;
    expect(client.status.state).toBe('idle');
    await peer.gone();
  });

  test('closed as another connection of this device took its place: it does not fight', async () => {
    const peer = await inside();
    peer.close(1000, 'joined from elsewhere');
    expect((await ended()).code).toBe('refused');
  });
});

test('a heartbeat and a ping every 5 s, whose pong tells the round trip; without one the connection is given up', async () => {
  const peer = await inside();
  timers.advance(5_000);
  await peer.hear('heartbeat');
  const { timestamp } = await peer.hear('ping');
  timers.advance(40);
  peer.say({ type: 'pong', timestamp });
  await waitFor(() => client.latency === 40, 'the latency');
  timers.advance(4_960);
  timers.advance(10_000);
  expect(client.status.state).toBe('waiting');
});

test('what is no message of this dialect, or of a newer one, is ignored', async () => {
  const peer = await inside();
  for (const strange of [[], { type: 'toString' }, { type: 'member_joined' }, { type: 'confetti', timestamp: 0 }]) {
    peer.say(strange);
  }
  peer.say({ type: 'member_joined', timestamp: 0, member: member('ann') });
  await waitFor(() => told.length === 1, 'the last one');
  expect(client.status.state).toBe('ready');
});
