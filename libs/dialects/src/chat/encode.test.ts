import {
  compile,
  directMessage,
  membershipChanged,
  newChannelId,
  newConnectionId,
  newMessageId,
  newServerId,
  newUserId,
  presenceChanged,
  serverEvent,
  voiceSignal,
  type ServerEvent,
} from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import { MUST } from '../frame.js';
import {
  aMessage,
  anEvent,
  aPresence,
  aServer,
  aVoiceState,
  CREATED,
  EDITED,
  encoded,
  framesOf,
} from '../testing/chat.js';
import { Down } from './down.js';
import { chat } from './index.js';

const downCheck = compile(Down);
const serverId = newServerId();
const event = (payload: ServerEvent, sequence = 7) => anEvent(serverEvent, serverId, payload, { sequence });

function onlyFrame(payload: ServerEvent): unknown {
  const [frame, ...more] = framesOf(event(payload));
  expect(more).toEqual([]);
  const parsed: unknown = JSON.parse(frame ?? '');
  expect(downCheck.is(parsed)).toBe(true);
  return parsed;
}

describe('messages', () => {
  it('DN1, DN7, DN8: a new one has the fields of the document, the original names and its sequence', () => {
    const replyTo = newMessageId();
    const message = aMessage({ replyTo });
    expect(onlyFrame({ type: 'message_created', message })).toEqual({
      op: 'DISPATCH',
      t: 'MESSAGE_CREATE',
      d: {
        id: message.id,
        channel_id: message.channelId,
        author_id: message.authorId,
        content: 'Hello, everyone!',
        created_at: CREATED,
        updated_at: null,
        edited_at: null,
        reply_to: replyTo,
      },
      s: 7,
    });
  });

  it('DN1: an edited one tells when, under both names', () => {
    const message = aMessage({ content: 'Edited', updatedAt: EDITED });
    expect(onlyFrame({ type: 'message_updated', message })).toMatchObject({
      t: 'MESSAGE_UPDATE',
      d: { content: 'Edited', created_at: CREATED, updated_at: EDITED, edited_at: EDITED },
    });
  });

  it('DN2: a deleted one is told by its id and channel', () => {
    const [messageId, channelId] = [newMessageId(), newChannelId()];
    expect(onlyFrame({ type: 'message_deleted', messageId, channelId })).toEqual({
      op: 'DISPATCH',
      t: 'MESSAGE_DELETE',
      d: { id: messageId, channel_id: channelId },
      s: 7,
    });
  });

  it('DN9: none may be lost', () => {
    expect(encoded(event({ type: 'message_created', message: aMessage() }))?.delivery).toBe(MUST);
  });
});

describe('voice', () => {
  it('DN4: a state has the fields of the document and the original names', () => {
    const state = aVoiceState({ serverId, muted: true });
    expect(onlyFrame({ type: 'voice_state', state })).toEqual({
      op: 'DISPATCH',
      t: 'VOICE_STATE_UPDATE',
      d: {
        user_id: state.userId,
        channel_id: state.channelId,
        muted: true,
        deafened: false,
        self_mute: true,
        self_deaf: false,
        username: 'alice',
        server_id: serverId,
        joined_at: CREATED,
      },
      s: 7,
    });
  });

  it('DN4: who has left has no channel', () => {
    const state = aVoiceState({ channelId: null });
    expect(onlyFrame({ type: 'voice_state', state })).toMatchObject({ d: { user_id: state.userId, channel_id: null } });
  });

  it('DN5, DN7: a signal is passed on as it was written', () => {
    const [fromUserId, channelId, to] = [newUserId(), newChannelId(), newUserId()];
    const signal = { body: '{ "sdp" : "v=0\\r\\n", "n": 1.0 }', sequence: 9 };
    expect(framesOf(anEvent(voiceSignal, to, { fromUserId, channelId }, signal))).toEqual([
      `{"op":"DISPATCH","t":"VOICE_SIGNAL","d":{"from_user_id":"${fromUserId}",` +
        '"signal":{ "sdp" : "v=0\\r\\n", "n": 1.0 }},"s":9}',
    ]);
  });

  it('DN5: without its signal it is nothing', () => {
    const payload = { fromUserId: newUserId(), channelId: newChannelId() };
    expect(framesOf(anEvent(voiceSignal, newUserId(), payload))).toEqual([]);
  });
});

describe('presence', () => {
  it('DN3, DN7: has user and status, and no more', () => {
    const presence = aPresence({ status: 'dnd', metadata: { mood: 'calm' } });
    const [frame] = framesOf(anEvent(presenceChanged, presence.userId, presence, { sequence: 4 }));
    expect(frame).toBe(
      `{"op":"DISPATCH","t":"PRESENCE_UPDATE","d":{"user_id":"${presence.userId}","status":"dnd"},"s":4}`,
    );
  });

  it('UP3, DN9: spares the connection that asked, and only the newest of a user has to arrive', () => {
    const by = newConnectionId();
    const presence = aPresence();
    expect(encoded(anEvent(presenceChanged, presence.userId, { ...presence, by }))).toMatchObject({
      delivery: { class: 'newest', key: `presence:${presence.userId}` },
      except: by,
    });
    expect(encoded(anEvent(presenceChanged, presence.userId, presence))).not.toHaveProperty('except');
  });
});

describe('what is not told', () => {
  const member = { userId: newUserId(), username: 'bob', joinedAt: CREATED };
  const channel = {
    id: newChannelId(),
    serverId,
    name: 'general',
    type: 'text',
    position: 0,
    topic: null,
    createdAt: CREATED,
  } as const;
  const untold: readonly ServerEvent[] = [
    { type: 'server_updated', server: aServer() },
    { type: 'server_deleted' },
    { type: 'channel_created', channel },
    { type: 'channel_updated', channel },
    { type: 'channel_deleted', channelId: channel.id },
    { type: 'member_joined', member, memberCount: 2 },
    { type: 'member_left', userId: member.userId, memberCount: 1 },
  ];

  it.each(untold.map((one) => [one.type, one] as const))('DN6: %s', (_, payload) => {
    expect(encoded(event(payload))).toBeUndefined();
  });

  it('DN6: memberships, and what belongs to other dialects', () => {
    expect(chat.encoders.has(membershipChanged.kind)).toBe(false);
    expect(chat.encoders.has(directMessage.kind)).toBe(false);
  });

  it('what does not fit its contract', () => {
    const good = event({ type: 'message_created', message: aMessage() });
    expect(encoded({ ...good, data: new TextEncoder().encode('{"type":"message_created"}') })).toBeUndefined();
  });

  it('DN7: what was never stored has no sequence', () => {
    const [frame] = framesOf(event({ type: 'message_created', message: aMessage() }, 0));
    expect(JSON.parse(frame ?? '')).not.toHaveProperty('s');
  });
});
