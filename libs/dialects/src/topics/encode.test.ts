import {
  directMessage,
  newMessageId,
  newConnectionId,
  newUserId,
  NOTIFICATION_ALL,
  notificationSent,
  presenceChanged,
  topicMessage,
  userNotificationSent,
  compile,
  Topic,
  type TopicMessage,
} from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { MUST } from '../frame.js';
import { aDirectMessage, anEvent, encoded, framesOf } from '../testing/topics.js';
import { Down } from './down.js';
import { encodeBinary } from './encode.js';

const from = newUserId();
const messageId = newMessageId();
const topicCheck = compile(Topic);
const downCheck = compile(Down);

function topicOf(text: string): Topic {
  if (!topicCheck.is(text)) throw new Error('not a topic');
  return text;
}

function aBroadcast(over: Partial<TopicMessage> = {}): TopicMessage {
  return { messageId, topic: topicOf('chat.general'), from, sentAt: 1_234_567_890, format: 'json', ...over };
}

describe('Broadcast', () => {
  it('DN1: carries the payload as it was written, under the topic', () => {
    const event = anEvent(topicMessage, 'chat.general', aBroadcast(), { body: '{ "n": 1.0 }', sequence: 7 });
    expect(framesOf(event)).toEqual([
      '{"type":"Broadcast","data":{"topic":"chat.general","payload":{ "n": 1.0 },' +
        `"metadata":{"sent_at":1234567890,"message_id":"${messageId}","sequence":7}}}`,
    ]);
    expect(encoded(event)?.delivery).toBe(MUST);
  });

  it("DN1: puts the server's metadata over the publisher's", () => {
    const metadata = { encryption: 'aes256', sent_at: 1, message_id: 'mine', sequence: 0 };
    const event = anEvent(topicMessage, 'chat.general', aBroadcast({ metadata }), { body: '1', sequence: 7 });
    expect(JSON.parse(String(framesOf(event)[0]))).toEqual({
      type: 'Broadcast',
      data: {
        topic: 'chat.general',
        payload: 1,
        metadata: { encryption: 'aes256', sent_at: 1_234_567_890, message_id: messageId, sequence: 7 },
      },
    });
  });

  it('UP18: is urgent with priority high only', () => {
    const urgency = (priority: unknown) =>
      encoded(anEvent(topicMessage, 'a', aBroadcast({ metadata: { priority } }), { body: '1' }))?.urgent;
    expect(urgency('high')).toBe(true);
    expect(urgency('low')).toBeUndefined();
  });

  it('BN5: announces a binary message, then gives its frame', () => {
    const body = Uint8Array.of(1, 2, 3);
    const message = aBroadcast({ format: 'file_transfer', checksum: 'sha256:ab', name: 'a.png' });
    const [announcement, frame, ...more] = framesOf(
      anEvent(topicMessage, 'chat.general', message, { body, sequence: 9 }),
    );
    expect(JSON.parse(String(announcement))).toEqual({
      type: 'Binary',
      data: {
        from_user: from,
        topic: 'chat.general',
        type: 'file_transfer',
        size: 3,
        checksum: 'sha256:ab',
        message_id: messageId,
        name: 'a.png',
        sequence: 9,
      },
    });
    expect(frame).toEqual(encodeBinary('file_transfer', body).data);
    expect(more).toEqual([]);
  });

  it('is left alone when it has no payload or does not fit its contract', () => {
    expect(encoded(anEvent(topicMessage, 'a', aBroadcast()))).toBeUndefined();
    const event = anEvent(topicMessage, 'a', aBroadcast(), { body: '1' });
    expect(encoded({ ...event, data: new TextEncoder().encode('{}') })).toBeUndefined();
  });
});

describe('DirectMessage', () => {
  it('DN4: carries sender, payload and metadata', () => {
    const message = aDirectMessage(newUserId(), { from, messageId, metadata: { mood: 'calm' } });
    expect(framesOf(anEvent(directMessage, message.to, message, { body: '"hi"' }))).toEqual([
      `{"type":"DirectMessage","data":{"from_user":"${from}","payload":"hi",` +
        `"metadata":{"mood":"calm","sent_at":1234567890,"message_id":"${messageId}"}}}`,
    ]);
  });

  it('BN5: announces a binary one without topic and sequence', () => {
    const message = aDirectMessage(newUserId(), { from, messageId, format: 'stream_data', checksum: 'sha256:cd' });
    const [announcement, frame] = framesOf(anEvent(directMessage, message.to, message, { body: Uint8Array.of(9) }));
    expect(JSON.parse(String(announcement))).toEqual({
      type: 'Binary',
      data: { from_user: from, type: 'stream_data', size: 1, checksum: 'sha256:cd', message_id: messageId },
    });
    expect(frame).toEqual(Uint8Array.of(4, 0, 0, 0, 1, 9));
  });
});

describe('other events', () => {
  const notification = {
    level: 'info',
    title: 'T',
    message: 'M',
    actions: [{ label: 'L', url: 'https://e.x' }],
  } as const;

  it('DN5: Notification, for all and for one', () => {
    const payload = { ...notification, actions: [...notification.actions] };
    const expected = [JSON.stringify({ type: 'Notification', data: notification })];
    expect(framesOf(anEvent(notificationSent, NOTIFICATION_ALL, payload))).toEqual(expected);
    expect(framesOf(anEvent(userNotificationSent, newUserId(), payload))).toEqual(expected);
  });

  it('DN6, DN9: Presence, of which only the newest per user matters', () => {
    const payload = { userId: from, status: 'idle', lastSeen: 5, metadata: { device: 'web' } } as const;
    const event = anEvent(presenceChanged, from, payload);
    expect(framesOf(event).map((frame): unknown => JSON.parse(String(frame)))).toEqual([
      { type: 'Presence', data: { user_id: from, status: 'idle', last_seen: 5, metadata: { device: 'web' } } },
    ]);
    expect(encoded(event)?.delivery).toEqual({ class: 'newest', key: `presence:${from}` });
    // Whoever asked for it hears of it as well, the connection that is its cause included.
    expect(encoded(anEvent(presenceChanged, from, { ...payload, by: newConnectionId() }))).toEqual(encoded(event));
  });

  it('are all described by the schemas of what the server sends', () => {
    const body = '{}';
    const direct = aDirectMessage(newUserId());
    const events = [
      anEvent(topicMessage, 'chat.general', aBroadcast(), { body }),
      anEvent(directMessage, direct.to, direct, { body }),
      anEvent(presenceChanged, from, { userId: from, status: 'online', lastSeen: 1, metadata: {} }),
      anEvent(notificationSent, NOTIFICATION_ALL, { ...notification, actions: [] }),
    ];
    for (const event of events) {
      const frame: unknown = JSON.parse(String(framesOf(event)[0]));
      expect(downCheck.is(frame), JSON.stringify(frame)).toBe(true);
    }
  });
});
