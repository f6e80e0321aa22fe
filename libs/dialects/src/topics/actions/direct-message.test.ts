import { auth, fail, messaging, newConnectionId, newMessageId, newUserId, ok } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { aConnection, aLogin } from '../../testing/topics.js';

const to = newUserId();
const message = { type: 'DirectMessage', data: { target_user: to, payload: { message: 'psst' } } };
const notFound = (details: object) => ({
  type: 'Error',
  data: { code: 404, message: `User ${to} not found or not connected`, details },
});

describe('DirectMessage', () => {
  it('UP12, UP13, UP18: is sent as it is and acknowledged with its connections', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    const deliveredTo = [newConnectionId(), newConnectionId()];
    harness.answer(messaging.sendDirect, () => ok({ messageId: newMessageId(), deliveredTo }));
    await harness.send({ ...message, id: 'dm_789012', metadata: { mood: 'calm' } });
    const [sent] = harness.calls('messaging.send-direct');
    expect(sent?.request).toMatchObject({ from: login.userId, to, format: 'json', metadata: { mood: 'calm' } });
    expect(new TextDecoder().decode(sent?.body)).toBe('{"message":"psst"}');
    expect(harness.take()).toEqual([
      { type: 'Ack', data: { message_id: 'dm_789012', status: 'delivered', delivered_to: deliveredTo } },
    ]);
    await harness.send(message);
    expect(harness.take()).toEqual([]);
  });

  it('UP14: that has to wait is told, with and without an id', async () => {
    const harness = await aConnection();
    harness.answer(messaging.sendDirect, () => ok({ messageId: newMessageId(), deliveredTo: [] }));
    await harness.send({ ...message, id: 'dm' });
    await harness.send(message);
    expect(harness.take()).toEqual([notFound({ message_id: 'dm', queued: true }), notFound({ queued: true })]);
  });

  it('UP15: to nobody is told', async () => {
    const harness = await aConnection();
    harness.answer(messaging.sendDirect, () => fail('not_found', 'no such user'));
    await harness.send({ ...message, id: 'dm' });
    expect(harness.take()).toEqual([notFound({ message_id: 'dm', queued: false })]);
  });

  it('UP15: a name that nobody can have is nobody', async () => {
    const harness = await aConnection();
    await harness.send({ type: 'DirectMessage', data: { target_user: 'not a name', payload: 1 }, id: 'dm' });
    expect(harness.take()).toMatchObject([{ type: 'Error', data: { code: 404, details: { queued: false } } }]);
  });

  it('UP16: finds a user by name', async () => {
    const harness = await aConnection();
    const user = { id: to, username: 'user456', email: null, avatarUrl: null, createdAt: '' };
    harness.answer(auth.findUser, ({ username }) => (username === 'user456' ? ok(user) : fail('not_found', '')));
    harness.answer(messaging.sendDirect, () => ok({ messageId: newMessageId(), deliveredTo: [] }));
    for (const name of ['user456', 'nobody']) {
      await harness.send({ type: 'DirectMessage', data: { target_user: name, payload: 1 }, id: name });
    }
    expect(harness.calls('messaging.send-direct').map(({ request }) => request)).toMatchObject([{ to }]);
    expect(harness.take()).toMatchObject([
      {
        type: 'Error',
        data: { code: 404, message: 'User user456 not found or not connected', details: { queued: true } },
      },
      { type: 'Error', data: { code: 404, details: { message_id: 'nobody', queued: false } } },
    ]);
  });

  it.each([
    [3_600, 3_600],
    [0.5, 0],
    [1e12, 2_592_000],
  ])('UP17: a ttl of %d counts as %d seconds', async (ttl, counted) => {
    const harness = await aConnection();
    harness.answer(messaging.sendDirect, () => ok({ messageId: newMessageId(), deliveredTo: [] }));
    await harness.send({ ...message, metadata: { ttl } });
    expect(harness.calls('messaging.send-direct')[0]?.request).toMatchObject({ ttl: counted, metadata: { ttl } });
  });

  it.each([
    ['queue_full', 503],
    ['timeout', 503],
    ['too_large', 400],
  ] as const)('ER6: %s answers %i', async (code, status) => {
    const harness = await aConnection();
    harness.answer(messaging.sendDirect, () => fail(code, 'why'));
    await harness.send({ ...message, id: 'dm' });
    expect(harness.take()).toMatchObject([{ type: 'Error', data: { code: status, details: { message_id: 'dm' } } }]);
  });

  it('UP19: sent again it has the same key', async () => {
    const login = aLogin();
    const [first, second] = [await aConnection(login), await aConnection(login)];
    for (const harness of [first, second]) {
      harness.answer(messaging.sendDirect, () => ok({ messageId: newMessageId(), deliveredTo: [] }));
      await harness.send({ ...message, id: 'dm' });
    }
    const [one, other] = [first, second].map((harness) => harness.calls('messaging.send-direct')[0]?.request);
    expect(one).toEqual(other);
    expect(one).toHaveProperty('idempotencyKey');
  });
});
