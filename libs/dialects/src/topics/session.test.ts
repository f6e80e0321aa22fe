import { directMessage, directWaiting, fail, messaging, newMessageId, ok, type MessageId } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { aConnection, aDirectMessage, aLogin, anEvent, aSession, MINUTE } from '../testing/topics.js';
import { topics } from './index.js';
import { keepAlive } from './keepalive.js';

const anyText: unknown = expect.any(String);
const containing = (some: object): unknown => expect.objectContaining(some);

const error = (code: number, details: object = {}) => ({
  type: 'Error',
  data: { code, message: anyText, details: containing(details) },
});

describe('handshake', () => {
  it('HS1: is served on a path of its own, and on /ws where the document says', () => {
    expect(topics.endpoints).toEqual([{ path: '/ws/topics' }, { path: '/ws', listener: 8081 }]);
  });

  it.each([
    ['no token', undefined],
    ['a rejected token', fail('unauthenticated', 'expired')],
  ])('HS3: %s is told, then closed', async (_, token) => {
    const harness = aSession();
    await harness.open(token);
    expect(harness.log.at(-1)).toMatchObject({ kind: 'close', code: 1008 });
    expect(harness.take()).toEqual([error(401)]);
    await harness.send({ type: 'Ping', data: { timestamp: 1 } });
    expect(harness.log).toEqual([]);
  });

  it('HS4: one connection too many is told, then closed', async () => {
    const harness = aSession();
    harness.logIn = fail('limit_exceeded', 'too many');
    await harness.open(ok(aLogin()));
    expect(harness.log.at(-1)).toMatchObject({ kind: 'close', code: 1008 });
    expect(harness.take()).toEqual([error(429, { retry_after_ms: 30_000 })]);
  });

  it('HS5: a bus that is away is told, then closed', async () => {
    const harness = aSession();
    harness.join = () => fail('unavailable', 'away');
    await harness.open(ok(aLogin()));
    expect(harness.log.at(-1)).toMatchObject({ kind: 'close', code: 1013 });
    expect(harness.take()).toEqual([error(503)]);
  });

  it("HS6: welcomes when the user's events are joined", async () => {
    const harness = aSession();
    const login = aLogin();
    await harness.open(ok(login));
    expect(harness.log.slice(0, 2)).toEqual([
      { kind: 'log-in', login },
      { kind: 'join', requests: [{ subject: `evt.user.${login.userId}.*` }, { subject: 'evt.notification.all' }] },
    ]);
    expect(harness.take()).toEqual([
      {
        type: 'Status',
        data: {
          status: 'connected',
          details: {
            connection_id: anyText,
            server_time: harness.now,
            protocol_version: '1.0',
            features: ['broadcast', 'direct_message', 'presence', 'history'],
          },
        },
      },
    ]);
  });
});

describe('the queue', () => {
  it('HS7: is written page by page, and settled', async () => {
    const harness = aSession();
    const login = aLogin();
    const waiting = ['1', '{"n": 2.0}', '"three"'].map((payload) => ({ ...aDirectMessage(login.userId), payload }));
    const binary = { ...aDirectMessage(login.userId, { format: 'stream_data' }), payload: 'AQID' } as const;
    const pages = [waiting.slice(0, 2), [...waiting.slice(2), binary]];
    const settled: MessageId[] = [];
    harness.answer(messaging.takeDirect, () => ok({ messages: pages.shift() ?? [], more: pages.length > 0 }));
    harness.answer(messaging.settleDirect, ({ messageIds }) => {
      settled.push(...messageIds);
      return ok({});
    });
    await harness.open(ok(login));
    const [welcome, ...rest] = harness.take();
    expect(welcome).toMatchObject({ type: 'Status' });
    expect(rest).toMatchObject([
      { type: 'DirectMessage', data: { payload: 1 } },
      { type: 'DirectMessage', data: { payload: { n: 2 } } },
      { type: 'DirectMessage', data: { payload: 'three' } },
      { type: 'Binary', data: { type: 'stream_data', size: 3 } },
      Uint8Array.of(4, 0, 0, 0, 3, 1, 2, 3),
    ]);
    expect(settled).toEqual([...waiting, binary].map((message) => message.messageId));
  });

  it('HS7: is asked again when something enters it, or when it could not be asked', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    await harness.observe(anEvent(directWaiting, login.userId, { userId: login.userId }));
    expect(harness.calls('messaging.take-direct')).toHaveLength(1);
    harness.answer(messaging.takeDirect, () => fail('unavailable', 'away'));
    await harness.observe(anEvent(directWaiting, login.userId, { userId: login.userId }));
    const message = { ...aDirectMessage(login.userId, { messageId: newMessageId() }), payload: '1' };
    harness.answer(messaging.takeDirect, () => ok({ messages: [message], more: false }));
    await harness.fire('queue-retry');
    expect(harness.take()).toMatchObject([{ type: 'DirectMessage' }]);
  });

  it('HS7: settles, and does not write again, what has come live, even while the queue is being asked', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    const live = aDirectMessage(login.userId, { messageId: newMessageId() });
    const waiting = aDirectMessage(login.userId, { messageId: newMessageId() });
    const settled: MessageId[] = [];
    harness.answer(messaging.settleDirect, ({ messageIds }) => {
      settled.push(...messageIds);
      return ok({});
    });
    harness.answer(messaging.takeDirect, () => {
      harness.session.observed(anEvent(directMessage, login.userId, live));
      return ok({ messages: [live, waiting].map((one) => ({ ...one, payload: '1' })), more: false });
    });
    await harness.observe(anEvent(directWaiting, login.userId, { userId: login.userId }));
    expect(harness.take()).toMatchObject([
      { type: 'DirectMessage', data: { metadata: { message_id: waiting.messageId } } },
    ]);
    expect(settled).toEqual([live.messageId, waiting.messageId]);
  });

  it('HS7: a page that the client does not read is not settled, and not written twice when it is offered again', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    const message = { ...aDirectMessage(login.userId, { messageId: newMessageId() }), payload: '1' };
    harness.answer(messaging.takeDirect, () => ok({ messages: [message], more: true }));
    harness.flushed = false;
    await harness.observe(anEvent(directWaiting, login.userId, { userId: login.userId }));
    expect(harness.calls('messaging.settle-direct')).toHaveLength(0);
    expect(harness.calls('messaging.take-direct')).toHaveLength(1);
    expect(harness.take()).toMatchObject([{ type: 'DirectMessage' }]);
    harness.flushed = true;
    harness.answer(messaging.takeDirect, () => ok({ messages: [message], more: false }));
    await harness.fire('queue-retry');
    expect(harness.calls('messaging.settle-direct')).toMatchObject([{ request: { messageIds: [message.messageId] } }]);
    expect(harness.take()).toEqual([]);
  });

  it('HS7: settles again when that failed', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    const message = { ...aDirectMessage(login.userId), payload: '1' };
    harness.answer(messaging.takeDirect, () => ok({ messages: [message], more: false }));
    const outcomes = [fail('timeout', 'slow'), ok({})];
    harness.answer(messaging.settleDirect, () => outcomes.shift() ?? ok({}));
    await harness.observe(anEvent(directWaiting, login.userId, { userId: login.userId }));
    expect(harness.calls('messaging.settle-direct')).toHaveLength(2);
  });

  it('HS7: a page that could not be settled at all is asked for again, and not written twice', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    const message = { ...aDirectMessage(login.userId), payload: '1' };
    harness.answer(messaging.takeDirect, () => ok({ messages: [message], more: false }));
    harness.answer(messaging.settleDirect, () => fail('unavailable', 'no database'));
    await harness.observe(anEvent(directWaiting, login.userId, { userId: login.userId }));
    expect(harness.take()).toMatchObject([{ type: 'DirectMessage' }]);
    harness.answer(messaging.settleDirect, () => ok({}));
    await harness.fire('queue-retry');
    expect(harness.calls('messaging.settle-direct')).toHaveLength(1);
    expect(harness.take()).toEqual([]);
  });
});

describe('the token', () => {
  it('HS8, HS9: warns a minute before the end', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    expect(harness.timers.get('token-expiring')).toBe(login.expiresAt - MINUTE);
    await harness.fire('token-expiring');
    expect(harness.take()).toEqual([
      {
        type: 'AuthStatus',
        data: { status: 'token_expiring', expires_at: login.expiresAt, refresh_required: true },
      },
    ]);
    await harness.fire('token-expired');
    expect(harness.log.at(-1)).toMatchObject({ kind: 'close', code: 1008 });
    expect(harness.take()).toEqual([error(401)]);
  });

  it('HS10: is renewed in place', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    const fresh = aLogin({ userId: login.userId, expiresAt: login.expiresAt + 15 * MINUTE });
    harness.tokens.set('fresh', fresh);
    await harness.send({ type: 'Auth', data: { token: 'fresh' }, id: 'a1' });
    expect(harness.log[0]).toEqual({ kind: 'renew', login: fresh });
    expect(harness.take()).toEqual([
      {
        type: 'AuthStatus',
        data: { status: 'refreshed', expires_at: fresh.expiresAt, refresh_required: false },
      },
      { type: 'Ack', data: { message_id: 'a1', status: 'refreshed' } },
    ]);
    expect(harness.timers.get('token-expiring')).toBe(fresh.expiresAt - MINUTE);
    expect(harness.timers.get('token-expired')).toBe(fresh.expiresAt);
  });

  it('HS11: stays as it is when the new one is no good', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    harness.tokens.set('foreign', aLogin());
    await harness.send({ type: 'Auth', data: { token: 'rubbish' }, id: 'a1' });
    await harness.send({ type: 'Auth', data: { token: 'foreign' }, id: 'a2' });
    expect(harness.take()).toEqual([error(401, { message_id: 'a1' }), error(403, { message_id: 'a2' })]);
    expect(harness.timers.get('token-expired')).toBe(login.expiresAt);
  });

  it('HS12: takes subscriptions away that the new one does not allow', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    await harness.send({ type: 'Subscribe', data: { topics: ['a', 'b'] } });
    harness.takeLog();
    harness.tokens.set('fresh', aLogin({ userId: login.userId }));
    harness.answer(messaging.authorizeTopics, ({ patterns }) =>
      ok({ answers: patterns.map((one) => ({ allowed: one === 'b', history: { messages: 0, seconds: 0 } })) }),
    );
    await harness.send({ type: 'Auth', data: { token: 'fresh' } });
    expect(harness.log).toContainEqual({ kind: 'leave', subjects: ['evt.topic.a'] });
    expect(harness.take().at(-1)).toEqual({
      type: 'Status',
      data: { status: 'unsubscribed', details: { topics: ['a'], active_subscriptions: 1 } },
    });
  });
});

describe('a token that is renewed while messaging is away', () => {
  it('HS12: what it does not allow any more is asked about again, however much it is', async () => {
    const login = aLogin();
    const limits = { messagesPerSecond: 100, messageBurst: 100, subscriptions: 3_000 };
    const harness = await aConnection(login, limits);
    for (const name of ['a', 'b']) {
      const topics = Array.from({ length: 1_000 }, (_, i) => `${name}.${i}`);
      await harness.send({ type: 'Subscribe', data: { topics } });
    }
    harness.takeLog();
    harness.tokens.set('fresh', aLogin({ userId: login.userId }));
    harness.answer(messaging.authorizeTopics, () => fail('unavailable', 'away'));
    await harness.send({ type: 'Auth', data: { token: 'fresh' } });
    expect(harness.take()).toMatchObject([{ type: 'AuthStatus' }]);
    harness.answer(messaging.authorizeTopics, ({ patterns }) =>
      ok({ answers: patterns.map(() => ({ allowed: false, history: { messages: 0, seconds: 0 } })) }),
    );
    await harness.fire('recheck-subscriptions');
    expect(harness.take().at(-1)).toMatchObject({
      data: { status: 'unsubscribed', details: { active_subscriptions: 0 } },
    });
  });
});

describe('keep-alive', () => {
  it('UP3, UP5: Ping answers Pong, then Ack', async () => {
    const harness = await aConnection();
    await harness.send({ type: 'Ping', data: { timestamp: 1234567890 } });
    expect(harness.take()).toEqual([{ type: 'Pong', data: { timestamp: 1234567890 } }]);
    await harness.send({ type: 'Ping', data: { timestamp: 5 }, id: 'p' });
    expect(harness.take()).toMatchObject([{ type: 'Pong' }, { type: 'Ack', data: { message_id: 'p' } }]);
  });

  it('UP2, UP5: Pong is taken silently, or acknowledged', async () => {
    const harness = await aConnection();
    await harness.send({ type: 'Pong', data: { timestamp: 1 } });
    expect(harness.take()).toEqual([]);
    await harness.send({ type: 'Pong', data: {}, id: 'p' });
    expect(harness.take()).toMatchObject([{ type: 'Ack', data: { message_id: 'p' } }]);
  });

  it('KA1: asks with a Ping of its own', () => {
    expect(keepAlive).toMatchObject({ probeAfterMs: 30_000, silentAfterMs: 75_000 });
    expect(keepAlive.probe?.(5)).toEqual({ data: '{"type":"Ping","data":{"timestamp":5}}', binary: false });
  });
});

describe('bad input', () => {
  it('ER2, ER3, ER4: is answered and counted', async () => {
    const harness = await aConnection();
    await harness.send({ type: 'Dance', data: {}, id: 'm1' });
    expect(harness.log.at(-1)).toEqual({ kind: 'strike' });
    expect(harness.take()).toEqual([error(400, { field: 'type', message_id: 'm1' })]);
    await harness.receive({ data: Uint8Array.of(9), binary: true });
    expect(harness.log.at(-1)).toEqual({ kind: 'strike' });
    expect(harness.take()).toEqual([error(400, { field: 'frame' })]);
  });
});

describe('rate', () => {
  const limits = { messagesPerSecond: 10, messageBurst: 2, subscriptions: 5 };
  const ping = (id: string) => ({ type: 'Ping', data: { timestamp: 1 }, id });

  it('LM1, LM2: beyond it messages are refused until it has recovered', async () => {
    const harness = await aConnection(aLogin(), limits);
    for (const id of ['a', 'b', 'c']) await harness.send(ping(id));
    expect(harness.take().at(-1)).toEqual(error(429, { retry_after_ms: 100, message_id: 'c' }));
    expect(harness.log).toEqual([]);
    harness.now += 100;
    await harness.send(ping('d'));
    expect(harness.take()).toMatchObject([{ type: 'Pong' }, { type: 'Ack' }]);
  });

  it('LM5: who does not slow down is sent away, with a last word', async () => {
    const harness = await aConnection(aLogin(), limits);
    for (let i = 0; i < 22; i++) await harness.send(ping(String(i)));
    expect(harness.log.every((one) => one.kind === 'frame')).toBe(true);
    await harness.send(ping('last'));
    expect(harness.log.at(-1)).toEqual({ kind: 'close', code: 1008, reason: 'too many messages' });
    expect(harness.take().at(-1)).toEqual(error(429));
  });

  it('LM5: nor may answers that nobody asked for come without end', async () => {
    const harness = await aConnection(aLogin(), limits);
    for (let i = 0; i < 20; i++) await harness.send({ type: 'Pong', data: {} });
    expect(harness.log).toEqual([]);
    await harness.send({ type: 'Pong', data: {} });
    expect(harness.log.at(-1)).toMatchObject({ kind: 'close', code: 1008 });
  });

  it('LM1: items of a batch and binary frames count, Pong does not', async () => {
    const harness = await aConnection(aLogin(), limits);
    await harness.send({ type: 'Pong', data: {} });
    await harness.send({ type: 'Batch', data: { messages: [ping('a'), ping('b')] }, id: 'batch' });
    await harness.receive({ data: Uint8Array.of(1, 0, 0, 0, 0), binary: true });
    expect(harness.take()).toMatchObject([
      { type: 'Pong' },
      { type: 'Ack', data: { message_id: 'a' } },
      error(429, { message_id: 'b' }),
      { type: 'Ack', data: { message_id: 'batch' } },
      error(429),
    ]);
  });
});

describe('Batch', () => {
  it('UP24, UP25: handles each message in order, each with its own answer', async () => {
    const harness = await aConnection();
    await harness.send({
      type: 'Batch',
      id: 'batch',
      data: {
        messages: [
          { type: 'Subscribe', data: { topics: ['a'] }, id: '1' },
          { type: 'Broadcast', data: { topic: 'a.*', payload: 1 }, id: '2' },
          7,
          { type: 'Batch', data: { messages: [{}] }, id: '4' },
          { type: 'Unsubscribe', data: { topics: ['a'] }, id: '5' },
        ],
      },
    });
    expect(harness.log.filter((one) => one.kind === 'strike')).toHaveLength(3);
    expect(harness.take()).toMatchObject([
      { type: 'Status', data: { status: 'subscribed', details: { active_subscriptions: 1 } } },
      { type: 'Ack', data: { message_id: '1', status: 'subscribed' } },
      error(400, { field: 'data.messages.1.data.topic', message_id: '2' }),
      error(400, { field: 'data.messages.2' }),
      error(400, { field: 'data.messages.3.type', message_id: '4' }),
      { type: 'Status', data: { status: 'unsubscribed', details: { active_subscriptions: 0 } } },
      { type: 'Ack', data: { message_id: '5', status: 'unsubscribed' } },
      { type: 'Ack', data: { message_id: 'batch', status: 'processed' } },
    ]);
  });

  it('UP12: passes payloads on as they were written', async () => {
    const harness = await aConnection();
    harness.answer(messaging.publishTopic, () =>
      ok({ sequence: 1, messageId: newMessageId(), sentAt: 1, duplicate: false }),
    );
    const item = '{"type":"Broadcast","data":{"topic":"a","payload":{ "n" : 1.0 }}}';
    await harness.receive({ data: `{"type":"Batch","data":{"messages":[${item} , ${item}]}}`, binary: false });
    const bodies = harness.calls('messaging.publish-topic').map(({ body }) => new TextDecoder().decode(body));
    expect(bodies).toEqual(['{ "n" : 1.0 }', '{ "n" : 1.0 }']);
  });
});
