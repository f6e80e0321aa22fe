import { auth, fail, messaging, newConnectionId, newMessageId, newUserId, ok, presence } from '@parley/contracts';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aConnection, aLogin } from '../../testing/topics.js';
import { encodeBinary } from '../encode.js';

describe('Presence', () => {
  it.each([
    ['online', 'online'],
    ['away', 'idle'],
    ['busy', 'dnd'],
    ['offline', 'offline'],
  ] as const)('UP21: %s counts as %s', async (said, counted) => {
    const login = aLogin();
    const harness = await aConnection(login);
    harness.answer(presence.setStatus, ({ userId, status }) => ok({ userId, status, lastSeen: 1, metadata: {} }));
    await harness.send({ type: 'Presence', data: { status: said, metadata: { device: 'web' } }, id: 'p' });
    await harness.send({ type: 'Presence', data: { status: said } });
    expect(harness.calls('presence.set-status').map(({ request }) => request)).toEqual([
      { userId: login.userId, status: counted, metadata: { device: 'web' } },
      { userId: login.userId, status: counted },
    ]);
    expect(harness.take()).toEqual([{ type: 'Ack', data: { message_id: 'p', status: 'updated' } }]);
  });

  it('LM4: refuses metadata that is too large', async () => {
    const harness = await aConnection();
    await harness.send({ type: 'Presence', data: { status: 'idle', metadata: { a: 'x'.repeat(5_000) } }, id: 'p' });
    expect(harness.take()).toMatchObject([
      { type: 'Error', data: { code: 400, details: { message_id: 'p', field: 'data.metadata' } } },
    ]);
  });
});

describe('History', () => {
  it('UP23: answers a page with payloads as they were written', async () => {
    const harness = await aConnection();
    const common = { messageId: newMessageId(), from: newUserId(), sentAt: 5 };
    harness.answer(messaging.topicHistory, ({ topic, limit, before }) => {
      expect({ limit, before }).toEqual({ limit: 50, before: 9 });
      return ok({
        messages: [
          { ...common, topic, format: 'json', sequence: 3, payload: '{ "n": 1.0 }', metadata: { mood: 'calm' } },
          { ...common, topic, format: 'file_transfer', sequence: 4, payload: 'AQID', checksum: 'sha256:a', name: 'f' },
        ],
        more: true,
      });
    });
    await harness.send({ type: 'History', data: { topic: 'a', before: 9 }, id: 'h' });
    const [first] = harness.log.flatMap((one) => (one.kind === 'frame' ? [one.frame.data] : []));
    expect(first).toContain('"payload":{ "n": 1.0 }');
    const metadata = { sent_at: 5, message_id: common.messageId };
    expect(harness.take()).toEqual([
      {
        type: 'History',
        data: {
          topic: 'a',
          messages: [
            { payload: { n: 1 }, metadata: { mood: 'calm', ...metadata, sequence: 3 } },
            {
              payload: 'AQID',
              binary: { type: 'file_transfer', checksum: 'sha256:a', name: 'f' },
              metadata: { ...metadata, sequence: 4 },
            },
          ],
          more: true,
        },
      },
      { type: 'Ack', data: { message_id: 'h', status: 'answered' } },
    ]);
  });

  it('UP8: of a forbidden topic is refused', async () => {
    const harness = await aConnection();
    harness.answer(messaging.topicHistory, () => fail('forbidden', 'no'));
    await harness.send({ type: 'History', data: { topic: 'a', limit: 1 }, id: 'h' });
    expect(harness.take()).toMatchObject([{ type: 'Error', data: { code: 403, details: { message_id: 'h' } } }]);
  });
});

describe('X-…', () => {
  const message = { type: 'X-CustomAction', data: { action: 'special_operation', parameters: {} } };

  it('UP22: goes to its backend, and its reply back under the same type', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    harness.extension = ({ name, userId, data }) => ok({ data: { name, userId, data } });
    await harness.send({ ...message, id: 'x' });
    await harness.send(message);
    const reply = {
      type: 'X-CustomAction',
      data: { name: 'X-CustomAction', userId: login.userId, data: message.data },
    };
    expect(harness.take()).toEqual([reply, { type: 'Ack', data: { message_id: 'x', status: 'answered' } }, reply]);
  });

  it('UP22, ER6: tells when there is no backend, or a slow one', async () => {
    const harness = await aConnection();
    await harness.send({ ...message, id: 'x' });
    harness.extension = () => fail('timeout', 'slow');
    await harness.send(message);
    expect(harness.take()).toMatchObject([
      { type: 'Error', data: { code: 404, details: { message_id: 'x' } } },
      { type: 'Error', data: { code: 503 } },
    ]);
  });

  it('UP19: sent again it gets the same answer, and its backend hears it once', async () => {
    const harness = await aConnection();
    let asked = 0;
    harness.extension = () => ok({ data: ++asked });
    await harness.send({ ...message, id: 'x' });
    await harness.send({ ...message, id: 'x' });
    await harness.send({ ...message, id: 'y' });
    expect(harness.take().filter((_, index) => index % 2 === 0)).toEqual(
      [1, 1, 2].map((data) => ({ type: 'X-CustomAction', data })),
    );
  });
});

describe('binary frames', () => {
  const body = new TextEncoder().encode('bytes');
  const checksum = `sha256:${createHash('sha256').update(body).digest('hex')}`;
  const received = (type: string) => ({
    type: 'Status',
    data: { status: 'binary_received', details: { size: 5, type, checksum } },
  });
  const route = (data: object) => ({ type: 'BinaryRoute', data, id: 'r' });

  it.each(['broadcast', 'direct_message', 'file_transfer', 'stream_data'] as const)(
    'BN2: %s without a route is only acknowledged',
    async (type) => {
      const harness = await aConnection();
      await harness.receive(encodeBinary(type, body));
      expect(harness.takeLog()).toHaveLength(1);
      await harness.receive(encodeBinary(type, body));
      expect(harness.take()).toEqual([received(type)]);
    },
  );

  it('BN4, BN5: go to the topic of their type, until the route is removed', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    harness.answer(messaging.publishTopic, () =>
      ok({ sequence: 1, messageId: newMessageId(), sentAt: 1, duplicate: false }),
    );
    await harness.send(route({ type: 'file_transfer', topic: 'files', name: 'a.png' }));
    expect(harness.take()).toEqual([
      {
        type: 'Status',
        data: { status: 'binary_routed', details: { type: 'file_transfer', topic: 'files', name: 'a.png' } },
      },
      { type: 'Ack', data: { message_id: 'r', status: 'routed' } },
    ]);
    await harness.receive(encodeBinary('file_transfer', body));
    await harness.receive(encodeBinary('stream_data', body));
    const actor = { type: 'user', userId: login.userId };
    expect(harness.calls('messaging.publish-topic')).toMatchObject([
      { request: { actor, topic: 'files', format: 'file_transfer', checksum, name: 'a.png' }, body },
    ]);
    expect(harness.take()).toEqual([received('file_transfer'), received('stream_data')]);
    await harness.send(route({ type: 'file_transfer' }));
    await harness.receive(encodeBinary('file_transfer', body));
    expect(harness.calls('messaging.publish-topic')).toEqual([]);
  });

  it('BN4, BN5, BN6: go to a user, by id or name, who may be away', async () => {
    const harness = await aConnection();
    const to = newUserId();
    const user = { id: to, username: 'bob', email: null, avatarUrl: null, createdAt: '' };
    harness.answer(auth.findUser, () => ok(user));
    const deliveries = [[newConnectionId()], []];
    harness.answer(messaging.sendDirect, () =>
      ok({ messageId: newMessageId(), deliveredTo: deliveries.shift() ?? [] }),
    );
    await harness.send(route({ type: 'direct_message', target_user: 'bob' }));
    harness.takeLog();
    await harness.receive(encodeBinary('direct_message', body));
    expect(harness.calls('messaging.send-direct')).toMatchObject([
      { request: { to, format: 'direct_message', checksum }, body },
    ]);
    await harness.receive(encodeBinary('direct_message', body));
    expect(harness.take()).toMatchObject([
      received('direct_message'),
      received('direct_message'),
      { type: 'Error', data: { code: 404, message: 'User bob not found or not connected', details: { queued: true } } },
    ]);
  });

  it('BN6: what goes wrong is told after the acknowledgement', async () => {
    const harness = await aConnection();
    harness.answer(messaging.publishTopic, () => fail('forbidden', 'no'));
    harness.answer(auth.findUser, () => fail('not_found', 'no'));
    await harness.send(route({ type: 'broadcast', topic: 'secret' }));
    await harness.send(route({ type: 'stream_data', target_user: 'nobody' }));
    expect(harness.take().at(-1)).toMatchObject({ type: 'Error', data: { code: 404, details: { message_id: 'r' } } });
    await harness.receive(encodeBinary('broadcast', body));
    expect(harness.take()).toMatchObject([received('broadcast'), { type: 'Error', data: { code: 403 } }]);
  });
});
