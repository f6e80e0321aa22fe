import {
  auth,
  compile,
  directMessage,
  messaging,
  newConnectionId,
  newMessageId,
  newUserId,
  NOTIFICATION_ALL,
  notificationSent,
  ok,
  presenceChanged,
  Topic,
  topicMessage,
} from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { aConnection, aDirectMessage, aLogin, anEvent, aSession, framesOf } from '../testing/topics.js';
import { decodeText } from './decode.js';

/** Every example of the protocol's document, in its order. Ids are ours where the document only shows what ids look like. */
const topicCheck = compile(Topic);
const payload = { message: 'Hello everyone!', sender: 'user123', metadata: { mood: 'happy' } };
const ping = { type: 'Ping', data: { timestamp: 1234567890 } };
const subscribe = { type: 'Subscribe', data: { topics: ['notifications', 'chat.general', 'updates.*'] } };
const unsubscribe = { type: 'Unsubscribe', data: { topics: ['chat.general'] } };
const broadcast = { type: 'Broadcast', data: { topic: 'chat.general', payload }, id: 'msg_123456' };
const direct = {
  type: 'DirectMessage',
  data: { target_user: 'user456', payload: { message: 'Private message', attachments: [] } },
  id: 'dm_789012',
};
const custom = { type: 'X-CustomAction', data: { action: 'special_operation', parameters: {} } };
const withMetadata = {
  ...broadcast,
  metadata: { priority: 'high', ttl: 3600, encryption: 'aes256', compression: 'gzip' },
};

const anyUuid: unknown = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

const user456 = { id: newUserId(), username: 'user456', email: null, avatarUrl: null, createdAt: '' };

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

const requests: readonly (readonly [{ readonly type: string }, object])[] = [
  [ping, ping],
  [subscribe, subscribe],
  [unsubscribe, unsubscribe],
  [
    broadcast,
    { type: 'Broadcast', id: 'msg_123456', topic: 'chat.general', payload: bytes(payload), metadata: undefined },
  ],
  [
    withMetadata,
    {
      type: 'Broadcast',
      id: 'msg_123456',
      topic: 'chat.general',
      payload: bytes(payload),
      metadata: withMetadata.metadata,
    },
  ],
  [
    direct,
    {
      type: 'DirectMessage',
      id: 'dm_789012',
      targetUser: 'user456',
      payload: bytes(direct.data.payload),
      metadata: undefined,
      ttl: undefined,
    },
  ],
  [custom, { type: 'Extension', id: undefined, name: 'X-CustomAction', data: custom.data }],
];

describe('requests of the document', () => {
  it.each(requests)('UP1: %j is read, field by field', (example, message) => {
    expect(decodeText(JSON.stringify(example))).toEqual({ kind: 'message', message });
  });
});

describe('answers of the document', () => {
  it('Ping', async () => {
    const harness = await aConnection();
    await harness.send(ping);
    expect(harness.take()).toEqual([{ type: 'Pong', data: { timestamp: 1234567890 } }]);
  });

  it('Subscribe, Unsubscribe', async () => {
    const harness = await aConnection();
    await harness.send(subscribe);
    await harness.send(unsubscribe);
    expect(harness.take()).toEqual([
      {
        type: 'Status',
        data: {
          status: 'subscribed',
          details: { topics: ['notifications', 'chat.general', 'updates.*'], active_subscriptions: 3 },
        },
      },
      {
        type: 'Status',
        data: { status: 'unsubscribed', details: { topics: ['chat.general'], active_subscriptions: 2 } },
      },
    ]);
  });

  it('Broadcast', async () => {
    const harness = await aConnection();
    harness.recipients = 42;
    harness.answer(messaging.publishTopic, () =>
      ok({ sequence: 1, messageId: newMessageId(), sentAt: 1, duplicate: false }),
    );
    await harness.send(broadcast);
    await harness.settled();
    expect(harness.take()).toEqual([
      { type: 'Ack', data: { message_id: 'msg_123456', status: 'delivered', recipients: 42 } },
    ]);
  });

  it('Direct message, delivered and waiting', async () => {
    const harness = await aConnection();
    const deliveredTo = [newConnectionId(), newConnectionId()];
    const answers = [deliveredTo, []];
    harness.answer(auth.findUser, () => ok(user456));
    harness.answer(messaging.sendDirect, () => ok({ messageId: newMessageId(), deliveredTo: answers.shift() ?? [] }));
    await harness.send(direct);
    await harness.send(direct);
    expect(harness.take()).toEqual([
      { type: 'Ack', data: { message_id: 'dm_789012', status: 'delivered', delivered_to: deliveredTo } },
      {
        type: 'Error',
        data: {
          code: 404,
          message: 'User user456 not found or not connected',
          details: { message_id: 'dm_789012', queued: true },
        },
      },
    ]);
  });

  it('Binary', async () => {
    const harness = await aConnection();
    const frame = new Uint8Array(5 + 1024);
    frame.set([3, 0, 0, 4, 0]);
    await harness.receive({ data: frame, binary: true });
    const checksum = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';
    expect(harness.take()).toEqual([
      {
        type: 'Status',
        data: { status: 'binary_received', details: { size: 1024, type: 'file_transfer', checksum } },
      },
    ]);
  });
});

describe('messages of the server in the document', () => {
  const parsed = (frames: readonly unknown[]): unknown => JSON.parse(String(frames[0]));

  it('Welcome', async () => {
    const harness = aSession();
    harness.now = 1234567890;
    await harness.open(ok(aLogin()));
    expect(harness.take()).toEqual([
      {
        type: 'Status',
        data: {
          status: 'connected',
          details: {
            connection_id: anyUuid,
            server_time: 1234567890,
            protocol_version: '1.0',
            features: ['broadcast', 'direct_message', 'presence', 'history'],
          },
        },
      },
    ]);
  });

  it('Broadcast', () => {
    const [messageId, topic] = [newMessageId(), 'chat.general'];
    if (!topicCheck.is(topic)) throw new Error('not a topic');
    const event = { messageId, topic, from: user456.id, sentAt: 1234567890, format: 'json' } as const;
    const frames = framesOf(anEvent(topicMessage, topic, event, { body: JSON.stringify(payload), sequence: 3 }));
    expect(parsed(frames)).toEqual({
      type: 'Broadcast',
      data: { topic, payload, metadata: { sent_at: 1234567890, message_id: messageId, sequence: 3 } },
    });
  });

  it('Direct message', () => {
    const message = aDirectMessage(newUserId());
    const frames = framesOf(anEvent(directMessage, message.to, message, { body: JSON.stringify(direct.data.payload) }));
    expect(parsed(frames)).toEqual({
      type: 'DirectMessage',
      data: {
        from_user: message.from,
        payload: direct.data.payload,
        metadata: { sent_at: 1234567890, message_id: message.messageId },
      },
    });
  });

  it('Notification', () => {
    const data = {
      level: 'info',
      title: 'Maintenance Notice',
      message: 'System will undergo maintenance in 1 hour',
      actions: [{ label: 'Learn More', url: 'https://status.example.com' }],
    } as const;
    const notification = { ...data, actions: [...data.actions] };
    const frames = framesOf(anEvent(notificationSent, NOTIFICATION_ALL, notification));
    expect(parsed(frames)).toEqual({ type: 'Notification', data });
  });

  it('Presence', () => {
    const metadata = { device: 'web', location: 'New York' };
    const presence = { userId: user456.id, status: 'online', lastSeen: 1234567890, metadata } as const;
    const frames = framesOf(anEvent(presenceChanged, user456.id, presence));
    expect(parsed(frames)).toEqual({
      type: 'Presence',
      data: { user_id: user456.id, status: 'online', last_seen: 1234567890, metadata },
    });
  });

  it('AuthStatus', async () => {
    const harness = await aConnection(aLogin({ expiresAt: 1234567890 }));
    await harness.fire('token-expiring');
    expect(harness.take()).toEqual([
      { type: 'AuthStatus', data: { status: 'token_expiring', expires_at: 1234567890, refresh_required: true } },
    ]);
  });
});
