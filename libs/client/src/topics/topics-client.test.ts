import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ManualTimers } from '../testing/manual-timers.js';
import { retryNow } from '../testing/retry-now.js';
import { ScriptedServer, type Message, type Peer } from '../testing/scripted-server.js';
import { covers } from './pattern.js';
import { TopicsClient } from './topics-client.js';
import type { Gap } from './subscriptions.js';
import type { TopicMessage } from './topics-messages.js';

let server: ScriptedServer;
let timers: ManualTimers;
let client: TopicsClient;

beforeEach(async () => {
  server = await ScriptedServer.start();
  timers = new ManualTimers();
  client = new TopicsClient({ url: server.url, token: () => 'jwt', WebSocket, timers });
});
afterEach(async () => {
  client.disconnect();
  await server.stop();
});

async function welcomed(): Promise<Peer> {
  const peer = await server.peer();
  const details = { connection_id: 'c', server_time: 0, protocol_version: '1.0', features: [] };
  peer.say({ type: 'Status', data: { status: 'connected', details } });
  await waitFor(() => client.status.state === 'ready', 'ready');
  return peer;
}

async function connected(): Promise<Peer> {
  const done = client.connect();
  const peer = await welcomed();
  await done;
  return peer;
}

/** The socket is lost, and the client comes back. */
async function again(peer: Peer): Promise<Peer> {
  peer.terminate();
  await retryNow(client, timers);
  return welcomed();
}

function ack(peer: Peer, message: Message, more: object = {}): void {
  peer.say({ type: 'Ack', data: { message_id: message['id'], status: 'delivered', ...more } });
}

function subscribed(peer: Peer, message: Message, details: object = {}): void {
  peer.say({
    type: 'Status',
    data: { status: 'subscribed', details: { topics: [], active_subscriptions: 1, ...details } },
  });
  ack(peer, message, { status: 'subscribed' });
}

function broadcast(peer: Peer, topic: string, payload: unknown, sequence: number): void {
  const metadata = { sent_at: 0, message_id: `m${String(sequence)}`, sequence };
  peer.say({ type: 'Broadcast', data: { topic, payload, metadata } });
}

function collect(): { readonly heard: string[]; readonly handler: (message: TopicMessage) => void } {
  const heard: string[] = [];
  return { heard, handler: ({ topic, payload }) => heard.push(`${topic} ${JSON.stringify(payload)}`) };
}

test('the token travels as a subprotocol, and the dialect has a path of its own', async () => {
  const peer = await connected();
  expect([peer.protocol, peer.url.pathname, peer.url.search]).toEqual(['access_token.jwt', '/ws/topics', '']);
});

describe('subscriptions', () => {
  test('handlers hear what their pattern covers', async () => {
    const peer = await connected();
    const [exact, wild] = [collect(), collect()];
    const both = [client.subscribe('chat.general', exact.handler), client.subscribe('chat.*', wild.handler)];
    subscribed(peer, await peer.hear('Subscribe'));
    subscribed(peer, await peer.hear('Subscribe'));
    await Promise.all(both);
    broadcast(peer, 'chat.general', 1, 10);
    broadcast(peer, 'chat.random', 2, 11);
    await waitFor(() => wild.heard.length === 2, 'both');
    expect([exact.heard, wild.heard]).toEqual([['chat.general 1'], ['chat.general 1', 'chat.random 2']]);
  });

  test('two handlers of a pattern are one subscription, which ends with the last of them', async () => {
    const peer = await connected();
    const [one, two] = [collect(), collect()];
    const both = [client.subscribe('a', one.handler), client.subscribe('a', two.handler)];
    subscribed(peer, await peer.hear('Subscribe'));
    await Promise.all(both);
    await client.unsubscribe('a', one.handler);
    broadcast(peer, 'a', 1, 1);
    await waitFor(() => two.heard.length === 1, 'the other');
    const ended = client.unsubscribe('a', two.handler);
    ack(peer, await peer.hear('Unsubscribe'));
    await ended;
    expect([one.heard, two.heard]).toEqual([[], ['a 1']]);
  });

  test('after a reconnect each goes on from the last sequence that it heard', async () => {
    const first = await connected();
    const { heard, handler } = collect();
    const done = client.subscribe('a.*', handler);
    subscribed(first, await first.hear('Subscribe'));
    await done;
    broadcast(first, 'a.x', 1, 41);
    broadcast(first, 'a.y', 2, 42);
    await waitFor(() => heard.length === 2, 'both');
    const gaps: Gap[] = [];
    client.on('gap', (gap) => gaps.push(gap));

    const second = await again(first);
    const asked = await second.hear('Subscribe');
    expect(asked['data']).toEqual({ topics: ['a.*'], recover: { 'a.*': 42 } });
    subscribed(second, asked, { recovered: { 'a.*': { recovered: true, messages: 1, sequence: 43 } } });
    broadcast(second, 'a.x', 3, 43);
    await waitFor(() => heard.length === 3, 'the missed one');
    expect(gaps).toEqual([]);

    const third = await again(second);
    subscribed(third, await third.hear('Subscribe'), {
      recovered: { 'a.*': { recovered: false, messages: 0, sequence: 99 } },
    });
    await waitFor(() => gaps.length === 1, 'the gap');
    expect(gaps).toEqual([{ patterns: ['a.*'] }]);
    expect((await (await again(third)).hear('Subscribe'))['data']).toMatchObject({ recover: { 'a.*': 99 } });
  });

  test('what is not allowed any more ends, and the rest goes on', async () => {
    const first = await connected();
    for (const pattern of ['mine', 'theirs']) {
      const done = client.subscribe(pattern, () => undefined);
      subscribed(first, await first.hear('Subscribe'));
      await done;
    }
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error.details.topics));
    const second = await again(first);
    const refused = await second.hear('Subscribe');
    const details = { message_id: refused['id'], topics: ['theirs'] };
    second.say({ type: 'Error', data: { code: 403, message: 'no', details } });
    expect((await second.hear('Subscribe'))['data']).toMatchObject({ topics: ['mine'] });
    expect(errors).toEqual([['theirs']]);
  });

  test('a refused one rejects, and may be asked for again', async () => {
    const peer = await connected();
    const refused = expect(client.subscribe('$sys', () => undefined)).rejects.toMatchObject({ code: 'forbidden' });
    const { id } = await peer.hear('Subscribe');
    peer.say({ type: 'Error', data: { code: 403, message: 'no', details: { message_id: id, topics: ['$sys'] } } });
    await refused;
    const allowed = client.subscribe('$sys', () => undefined);
    subscribed(peer, await peer.hear('Subscribe'));
    await allowed;
  });
});

describe('publishing', () => {
  test('resolves with the number of receivers', async () => {
    const peer = await connected();
    const done = client.publish('a', { n: 1 }, { metadata: { priority: 'high' } });
    const message = await peer.hear('Broadcast');
    expect(message).toMatchObject({ data: { topic: 'a', payload: { n: 1 } }, metadata: { priority: 'high' } });
    ack(peer, message, { recipients: 7 });
    expect(await done).toEqual({ recipients: 7 });
  });

  test('what has no answer when the connection is lost is sent again with the same id, after the subscriptions', async () => {
    const first = await connected();
    const subscribing = client.subscribe('a', () => undefined);
    subscribed(first, await first.hear('Subscribe'));
    await subscribing;
    const done = client.publish('a', 'once');
    const { id } = await first.hear('Broadcast');
    const second = await again(first);
    await second.hear('Subscribe');
    const repeated = await second.hear('Broadcast');
    expect(repeated['id']).toBe(id);
    ack(second, repeated, { recipients: 1 });
    expect(await done).toEqual({ recipients: 1 });
  });

  test('asked for before there is a connection, it goes out when there is one', async () => {
    const done = client.publish('a', 1);
    const peer = await connected();
    ack(peer, await peer.hear('Broadcast'), { recipients: 0 });
    expect(await done).toEqual({ recipients: 0 });
  });

  test('more than a frame may hold is refused here', async () => {
    await expect(client.publish('a', 'x'.repeat(1_048_576))).rejects.toMatchObject({ code: 'too_large' });
  });

  test('errors are typed', async () => {
    const peer = await connected();
    const refused = expect(client.publish('$sys', 1)).rejects.toMatchObject({
      code: 'forbidden',
      retryable: false,
      details: { wireCode: 403 },
    });
    const { id } = await peer.hear('Broadcast');
    peer.say({ type: 'Error', data: { code: 403, message: 'no', details: { message_id: id } } });
    await refused;
  });
});

describe('the rest', () => {
  test('direct messages: delivered, waiting for somebody offline, or to nobody', async () => {
    const peer = await connected();
    const answers = [
      { type: 'Ack', data: { status: 'delivered', delivered_to: ['c1'] } },
      { type: 'Error', data: { code: 404, message: 'offline', details: { queued: true } } },
      { type: 'Error', data: { code: 404, message: 'unknown', details: { queued: false } } },
    ];
    const done = Promise.allSettled(answers.map(() => client.sendDirectMessage('bob', 'hi', { ttlSeconds: 60 })));
    for (const { type, data } of answers) {
      const message = await peer.hear('DirectMessage');
      expect(message).toMatchObject({ data: { target_user: 'bob' }, metadata: { ttl: 60 } });
      const details = { ...('details' in data ? data.details : {}), message_id: message['id'] };
      peer.say({ type, data: { ...data, message_id: message['id'], details } });
    }
    expect(await done).toMatchObject([
      { value: { queued: false, deliveredTo: ['c1'] } },
      { value: { queued: true, deliveredTo: [] } },
      { reason: { code: 'not_found' } },
    ]);
  });

  test('history, backends and presence', async () => {
    const peer = await connected();
    const page = { topic: 'a', messages: [], more: false };
    const history = client.history('a', { limit: 5 });
    const asked = await peer.hear('History');
    peer.say({ type: 'History', data: page });
    ack(peer, asked);
    expect(await history).toEqual(page);

    const rolled = client.call('X-RollDice', { sides: 6 });
    const dice = await peer.hear('X-RollDice');
    peer.say({ type: 'X-RollDice', data: { rolled: 4 } });
    ack(peer, dice);
    expect(await rolled).toEqual({ rolled: 4 });

    const present = client.setPresence('dnd', { device: 'web' });
    ack(peer, await peer.hear('Presence'));
    await present;
    expect((await (await again(peer)).hear('Presence'))['data']).toEqual({
      status: 'dnd',
      metadata: { device: 'web' },
    });
  });

  test('who is there comes with a subscription to presence', async () => {
    const peer = await connected();
    const seen: string[] = [];
    client.on('presence', ({ user_id, status }) => seen.push(`${user_id} ${status}`));
    const done = client.subscribe('presence.*', () => undefined);
    const user = { user_id: 'bob', status: 'online', last_seen: 0, metadata: {} };
    subscribed(peer, await peer.hear('Subscribe'), { presence: { users: [user], total: 1 } });
    await done;
    peer.say({ type: 'Presence', data: { ...user, status: 'offline' } });
    await waitFor(() => seen.length === 2, 'both');
    expect(seen).toEqual(['bob online', 'bob offline']);
  });

  test('the server is answered when it asks for a sign of life', async () => {
    const peer = await connected();
    peer.say({ type: 'Ping', data: { timestamp: 5 } });
    expect(await peer.hear('Pong')).toMatchObject({ data: { timestamp: 5 } });
  });

  test('what makes no sense is passed over', async () => {
    const peer = await connected();
    const { heard, handler } = collect();
    client.on('message', handler);
    for (const nonsense of [
      null,
      [],
      'x',
      { type: 'Broadcast' },
      { type: 'Broadcast', data: { topic: 1 } },
      { type: 'New' },
    ]) {
      peer.say(nonsense);
    }
    peer.sayBinary(new Uint8Array([1, 2, 3]));
    broadcast(peer, 'a', 'sense', 1);
    await waitFor(() => heard.length > 0, 'sense');
    expect(heard).toEqual(['a "sense"']);
  });
});

test.each([
  ['a.b', 'a.b', true],
  ['a.*', 'a.b', true],
  ['a.*', 'a.b.c', false],
  ['a.>', 'a.b.c', true],
  ['a.>', 'a', false],
  ['*.b', 'a.b', true],
  ['*', 'a.b', false],
])('%s covers %s: %s', (pattern, topic, expected) => {
  expect(covers(pattern, topic)).toBe(expected);
});
