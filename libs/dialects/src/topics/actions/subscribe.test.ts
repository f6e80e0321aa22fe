import { fail, messaging, newUserId, ok, presence } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { aConnection, aLogin } from '../../testing/topics.js';

const subscribe = (topics: string[], more: object = {}) => ({ type: 'Subscribe', data: { topics, ...more }, id: 's' });

const status = (details: object) => ({ type: 'Status', data: { status: 'subscribed', details } });
const ack = { type: 'Ack', data: { message_id: 's', status: 'subscribed' } };

describe('Subscribe', () => {
  it('UP3, UP6: joins, then says so, then acknowledges', async () => {
    const harness = await aConnection();
    const topics = ['notifications', 'chat.general', 'updates.*'];
    await harness.send(subscribe(topics));
    expect(harness.log).toContainEqual({
      kind: 'join',
      requests: topics.map((topic) => ({ subject: `evt.topic.${topic}` })),
    });
    expect(harness.take()).toEqual([status({ topics, active_subscriptions: 3 }), ack]);
  });

  it('UP4: without an id there is no Ack', async () => {
    const harness = await aConnection();
    await harness.send({ type: 'Subscribe', data: { topics: ['a'] } });
    expect(harness.take()).toEqual([status({ topics: ['a'], active_subscriptions: 1 })]);
  });

  it('UP6: counts distinct patterns', async () => {
    const harness = await aConnection();
    await harness.send(subscribe(['a', 'a', 'b']));
    await harness.send(subscribe(['b', 'c']));
    expect(harness.take().filter((_, index) => index % 2 === 0)).toEqual([
      status({ topics: ['a', 'b'], active_subscriptions: 2 }),
      status({ topics: ['b', 'c'], active_subscriptions: 3 }),
    ]);
  });

  it('UP7: topics may be called what every object has', async () => {
    const harness = await aConnection();
    const topics = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
    await harness.send(subscribe(topics));
    expect(harness.log).toContainEqual({
      kind: 'join',
      requests: topics.map((topic) => ({ subject: `evt.topic.${topic}` })),
    });
    expect(harness.take()).toEqual([status({ topics, active_subscriptions: 4 }), ack]);
  });

  it('UP8: subscribes nothing when one is refused', async () => {
    const harness = await aConnection(aLogin({ grants: { subscribe: [] } }));
    harness.answer(messaging.authorizeTopics, ({ patterns }) =>
      ok({ answers: patterns.map((one) => ({ allowed: one === 'ok', history: { messages: 0, seconds: 0 } })) }),
    );
    await harness.send(subscribe(['ok', 'user.x.mail', 'secret']));
    expect(harness.log.some((one) => one.kind === 'join')).toBe(false);
    expect(harness.take()).toMatchObject([
      { type: 'Error', data: { code: 403, details: { message_id: 's', topics: ['user.x.mail', 'secret'] } } },
    ]);
  });

  it('LM3: subscribes nothing beyond the limit', async () => {
    const harness = await aConnection(aLogin(), { messagesPerSecond: 100, messageBurst: 100, subscriptions: 2 });
    await harness.send(subscribe(['a', 'b']));
    harness.takeLog();
    await harness.send(subscribe(['b', 'c']));
    expect(harness.take()).toMatchObject([{ type: 'Error', data: { code: 429, details: { message_id: 's' } } }]);
    await harness.send(subscribe(['b', 'a']));
    expect(harness.take()).toContainEqual(status({ topics: ['b', 'a'], active_subscriptions: 2 }));
  });

  it('ER6: tells when a service or the bus is away', async () => {
    const harness = await aConnection();
    harness.join = () => fail('unavailable', 'away');
    await harness.send(subscribe(['a']));
    harness.answer(messaging.authorizeTopics, () => fail('timeout', 'slow'));
    await harness.send(subscribe(['a']));
    expect(harness.take()).toMatchObject([
      { type: 'Error', data: { code: 503, details: { message_id: 's' } } },
      { type: 'Error', data: { code: 503, details: { message_id: 's' } } },
    ]);
  });
});

describe('recovery', () => {
  it('RC1, RC2, RC3: asks for what was missed, and says what will come', async () => {
    const harness = await aConnection();
    harness.join = (requests) =>
      ok(
        requests.map(({ subject, recover }) => {
          if (recover === undefined) return { subject, position: 9 };
          const complete = recover.after >= 5;
          return { subject, position: 9, recovered: { complete, count: complete ? 4 : 0 } };
        }),
      );
    await harness.send(subscribe(['a', 'b', 'c'], { recover: { a: 5, b: 1 } }));
    const rule = { limit: 100, maxAgeSeconds: 86_400 };
    expect(harness.log).toContainEqual({
      kind: 'join',
      requests: [
        { subject: 'evt.topic.a', recover: { after: 5, ...rule } },
        { subject: 'evt.topic.b', recover: { after: 1, ...rule } },
        { subject: 'evt.topic.c' },
      ],
    });
    const recovered = {
      a: { recovered: true, messages: 4, sequence: 9 },
      b: { recovered: false, messages: 0, sequence: 9 },
    };
    expect(harness.take()).toEqual([status({ topics: ['a', 'b', 'c'], active_subscriptions: 3, recovered }), ack]);
  });

  it('RC5: begins a held subscription anew', async () => {
    const harness = await aConnection();
    await harness.send(subscribe(['a', 'b']));
    harness.takeLog();
    await harness.send(subscribe(['a', 'b'], { recover: { a: 5 } }));
    expect(harness.log.filter((one) => one.kind === 'leave' || one.kind === 'join').map((one) => one.kind)).toEqual([
      'leave',
      'join',
    ]);
    expect(harness.log).toContainEqual({ kind: 'leave', subjects: ['evt.topic.a'] });
  });

  it('RC5: that fails, the subscription is gone and not counted', async () => {
    const harness = await aConnection();
    await harness.send(subscribe(['a', 'b']));
    harness.join = () => fail('unavailable', 'away');
    await harness.send(subscribe(['a'], { recover: { a: 5 } }));
    harness.takeLog();
    await harness.send({ type: 'Unsubscribe', data: { topics: ['x'] } });
    expect(harness.take()).toMatchObject([{ data: { details: { active_subscriptions: 1 } } }]);
  });
});

describe('Unsubscribe', () => {
  it('UP3, UP9: leaves, says so, acknowledges; twice is no error', async () => {
    const harness = await aConnection();
    await harness.send(subscribe(['notifications', 'chat.general', 'updates.*']));
    harness.takeLog();
    const expected = [
      {
        type: 'Status',
        data: { status: 'unsubscribed', details: { topics: ['chat.general'], active_subscriptions: 2 } },
      },
      { type: 'Ack', data: { message_id: 'u', status: 'unsubscribed' } },
    ];
    await harness.send({ type: 'Unsubscribe', data: { topics: ['chat.general'] }, id: 'u' });
    expect(harness.log[0]).toEqual({ kind: 'leave', subjects: ['evt.topic.chat.general'] });
    expect(harness.take()).toEqual(expected);
    await harness.send({ type: 'Unsubscribe', data: { topics: ['chat.general'] }, id: 'u' });
    expect(harness.log.some((one) => one.kind === 'leave')).toBe(false);
    expect(harness.take()).toEqual(expected);
  });

  it('DN6: keeps presence for the patterns that are left', async () => {
    const harness = await aConnection();
    harness.answer(presence.online, () => ok({ presences: [], total: 0 }));
    await harness.send(subscribe(['presence.*', 'presence.>']));
    harness.takeLog();
    await harness.send({ type: 'Unsubscribe', data: { topics: ['presence.*'] } });
    expect(harness.log[0]).toEqual({ kind: 'leave', subjects: ['evt.topic.presence.*'] });
    await harness.send({ type: 'Unsubscribe', data: { topics: ['presence.>'] } });
    expect(harness.log).toContainEqual({ kind: 'leave', subjects: ['evt.topic.presence.>', 'evt.presence.*'] });
  });
});

describe('presence patterns', () => {
  const ada = { userId: newUserId(), status: 'online', lastSeen: 5, metadata: { device: 'web' } } as const;
  const bob = { userId: newUserId(), status: 'offline', lastSeen: 4, metadata: {} } as const;
  const shown = { user_id: ada.userId, status: 'online', last_seen: 5, metadata: { device: 'web' } };

  it('DN6, DN7: of one user', async () => {
    const harness = await aConnection();
    harness.answer(presence.lookup, ({ userIds }) =>
      ok({ presences: [ada, bob].filter((one) => userIds.includes(one.userId)) }),
    );
    const topics = [`presence.${ada.userId}`, `presence.${bob.userId}`, 'presence.nobody', 'a'];
    await harness.send(subscribe(topics));
    expect(harness.log).toContainEqual({
      kind: 'join',
      requests: [
        { subject: `evt.topic.presence.${ada.userId}` },
        { subject: `evt.presence.${ada.userId}` },
        { subject: `evt.topic.presence.${bob.userId}` },
        { subject: `evt.presence.${bob.userId}` },
        { subject: 'evt.topic.presence.nobody' },
        { subject: 'evt.topic.a' },
      ],
    });
    const details = { topics, active_subscriptions: 4, presence: { users: [shown], total: 1 } };
    expect(harness.take()).toEqual([status(details), ack]);
  });

  it('DN7: of everyone', async () => {
    const harness = await aConnection();
    harness.answer(presence.online, () => ok({ presences: [ada], total: 5_000 }));
    await harness.send(subscribe(['presence.*']));
    const details = { topics: ['presence.*'], active_subscriptions: 1, presence: { users: [shown], total: 5_000 } };
    expect(harness.take()).toEqual([status(details), ack]);
  });

  it('DN7: stands without what cannot be asked', async () => {
    const harness = await aConnection();
    harness.answer(presence.online, () => fail('unavailable', 'away'));
    await harness.send(subscribe(['presence.>']));
    expect(harness.take()).toEqual([status({ topics: ['presence.>'], active_subscriptions: 1 }), ack]);
  });
});
