import {
  auth,
  compile,
  newChannelId,
  newUserId,
  ok,
  presence,
  presenceChanged,
  serverEvent,
  voice,
  voiceSignal,
  type RawEvent,
} from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import {
  aConnection,
  aLogin,
  aMessage,
  anEvent,
  aPresence,
  aServer,
  aSession,
  aUser,
  aVoiceState,
  framesOf,
} from '../testing/chat.js';
import { decode } from './decode.js';
import { Down } from './down.js';

/**
 * Every example of the protocol's document, in its order: what the server sends has each of its fields, with the same
 * value. Ids are ours where the document only shows what ids look like, and times have the milliseconds that we write.
 */
const NOON = '2025-01-01T12:00:00.000Z';
const EDITED = '2025-01-01T12:05:00.000Z';
const CREATED = '2025-01-01T00:00:00.000Z';
const downCheck = compile(Down);

function sent(event: RawEvent): unknown {
  const [frame] = framesOf(event);
  const parsed: unknown = JSON.parse(frame ?? '');
  expect(downCheck.is(parsed)).toBe(true);
  return parsed;
}

describe('events of the document', () => {
  it('READY', async () => {
    const user = aUser();
    const server = aServer();
    const harness = aSession([server]);
    harness.answer(auth.getUser, () => ok(user));
    await harness.open(ok(aLogin({ userId: user.id })));
    const [ready] = harness.take();
    expect(downCheck.is(ready)).toBe(true);
    expect(ready).toEqual({
      op: 'DISPATCH',
      t: 'READY',
      d: {
        user: {
          id: user.id,
          username: 'alice',
          email: 'alice@example.com',
          avatar_url: null,
          status: 'online',
          created_at: CREATED,
        },
        servers: [
          {
            id: server.id,
            name: 'My Gaming Server',
            description: null,
            owner_id: server.ownerId,
            member_count: 12,
            created_at: CREATED,
            sequence: 0,
          },
        ],
        sequence: 0,
      },
    });
  });

  it('MESSAGE_CREATE', () => {
    const message = aMessage({ createdAt: NOON });
    expect(sent(anEvent(serverEvent, message.serverId, { type: 'message_created', message }))).toMatchObject({
      op: 'DISPATCH',
      t: 'MESSAGE_CREATE',
      d: {
        id: message.id,
        channel_id: message.channelId,
        author_id: message.authorId,
        content: 'Hello, everyone!',
        created_at: NOON,
        updated_at: null,
      },
    });
  });

  it('MESSAGE_UPDATE', () => {
    const message = aMessage({ content: 'Edited message content', createdAt: NOON, updatedAt: EDITED });
    expect(sent(anEvent(serverEvent, message.serverId, { type: 'message_updated', message }))).toMatchObject({
      op: 'DISPATCH',
      t: 'MESSAGE_UPDATE',
      d: {
        id: message.id,
        channel_id: message.channelId,
        author_id: message.authorId,
        content: 'Edited message content',
        created_at: NOON,
        updated_at: EDITED,
      },
    });
  });

  it('MESSAGE_DELETE', () => {
    const { id: messageId, channelId, serverId } = aMessage();
    expect(sent(anEvent(serverEvent, serverId, { type: 'message_deleted', messageId, channelId }))).toEqual({
      op: 'DISPATCH',
      t: 'MESSAGE_DELETE',
      d: { id: messageId, channel_id: channelId },
      s: 1,
    });
  });

  it.each(['online', 'idle', 'dnd', 'offline'] as const)('PRESENCE_UPDATE, %s', (status) => {
    const changed = aPresence({ status });
    expect(sent(anEvent(presenceChanged, changed.userId, changed))).toEqual({
      op: 'DISPATCH',
      t: 'PRESENCE_UPDATE',
      d: { user_id: changed.userId, status },
      s: 1,
    });
  });

  it.each([newChannelId(), null])('VOICE_STATE_UPDATE, in channel %s', (channelId) => {
    const state = aVoiceState({ channelId });
    expect(sent(anEvent(serverEvent, state.serverId, { type: 'voice_state', state }))).toMatchObject({
      op: 'DISPATCH',
      t: 'VOICE_STATE_UPDATE',
      d: { user_id: state.userId, channel_id: channelId, muted: false, deafened: false },
    });
  });

  it.each([
    {},
    { type: 'offer', sdp: 'v=0\r\n' },
    { candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 },
  ])('VOICE_SIGNAL, %j', (signal) => {
    const from = newUserId();
    const payload = { fromUserId: from, channelId: newChannelId() };
    expect(sent(anEvent(voiceSignal, newUserId(), payload, { body: JSON.stringify(signal) }))).toEqual({
      op: 'DISPATCH',
      t: 'VOICE_SIGNAL',
      d: { from_user_id: from, signal },
      s: 1,
    });
  });
});

describe('messages of the document', () => {
  it('HEARTBEAT', async () => {
    const harness = await aConnection();
    await harness.receive({ data: '{\n  "op": "HEARTBEAT"\n}', binary: false });
    const [answer] = harness.take();
    expect(answer).toEqual({ op: 'HEARTBEAT_ACK', t: null, d: null });
    expect(downCheck.is(answer)).toBe(true);
  });

  it('PRESENCE_UPDATE', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    harness.answer(presence.setStatus, ({ userId, status }) => ok(aPresence({ userId, status })));
    await harness.send({ op: 'PRESENCE_UPDATE', d: { status: 'idle' } });
    expect(harness.calls('presence.set-status')).toMatchObject([{ request: { userId: login.userId, status: 'idle' } }]);
  });

  it('VOICE_SIGNAL', async () => {
    const login = aLogin();
    const to = newUserId();
    const harness = await aConnection(login);
    harness.answer(voice.signal, () => ok({}));
    await harness.send({ op: 'VOICE_SIGNAL', d: { to_user_id: to, signal: {} } });
    const [call] = harness.calls('signaling.relay-voice-signal');
    expect(call?.request).toEqual({ userId: login.userId, toUserId: to });
    expect(new TextDecoder().decode(call?.body)).toBe('{}');
  });

  it('UP1: is read, field by field', () => {
    const example = { op: 'PRESENCE_UPDATE', d: { status: 'idle' } };
    expect(decode({ data: JSON.stringify(example), binary: false })).toEqual({ kind: 'message', message: example });
  });
});
