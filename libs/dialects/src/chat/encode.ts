import {
  presenceChanged,
  serverEvent,
  voiceSignal,
  type ChatMessage,
  type ServerEvent,
  type VoiceState,
} from '@parley/contracts';
import { send, type SendCommand } from '../command.js';
import { encoder, encoders, type Encoded } from '../dialect.js';
import { jsonFrame, MUST, textFrame, type Frame } from '../frame.js';
import { concat } from '../json-text.js';
import type { Down, Message, VoiceStateUpdate } from './down.js';

const utf8 = new TextEncoder();

/** Events as frames; each is built once for every receiver of a pod. */
export const chatEncoders = encoders(
  encoder(serverEvent, ({ raw, payload }) => {
    const down = serverFrame(payload);
    return down === undefined ? undefined : must(jsonFrame(numbered(down, raw.sequence)));
  }),
  encoder(presenceChanged, ({ raw, payload: { userId, status, by } }) => ({
    frames: [jsonFrame(numbered(dispatched('PRESENCE_UPDATE', { user_id: userId, status }), raw.sequence))],
    delivery: { class: 'newest', key: `presence:${userId}` },
    ...(by === undefined ? {} : { except: by }),
  })),
  encoder(voiceSignal, ({ raw, payload, body }) =>
    body === undefined ? undefined : must(signalFrame(payload.fromUserId, body, raw.sequence)),
  ),
);

function must(frame: Frame): Encoded {
  return { frames: [frame], delivery: MUST };
}

type Stored = Extract<Down, { readonly s?: number }>;

function dispatched<T extends string, D>(t: T, d: D): { readonly op: 'DISPATCH'; readonly t: T; readonly d: D } {
  return { op: 'DISPATCH', t, d };
}

/** Extension: where to resume from. Events that were never stored have no number. */
function numbered(down: Stored, sequence: number): Stored {
  return sequence === 0 ? down : { ...down, s: sequence };
}

/** The document knows of no other events of a server, so a client must not be shown them. */
function serverFrame(event: ServerEvent): Stored | undefined {
  switch (event.type) {
    case 'message_created':
      return dispatched('MESSAGE_CREATE', messageOf(event.message));
    case 'message_updated':
      return dispatched('MESSAGE_UPDATE', messageOf(event.message));
    case 'message_deleted':
      return dispatched('MESSAGE_DELETE', { id: event.messageId, channel_id: event.channelId });
    case 'voice_state':
      return dispatched('VOICE_STATE_UPDATE', voiceStateOf(event.state));
    default:
      return undefined;
  }
}

function messageOf(message: ChatMessage): Message {
  return {
    id: message.id,
    channel_id: message.channelId,
    author_id: message.authorId,
    content: message.content,
    created_at: message.createdAt,
    updated_at: message.updatedAt,
    edited_at: message.updatedAt,
    reply_to: message.replyTo,
  };
}

function voiceStateOf(state: VoiceState): VoiceStateUpdate['d'] {
  return {
    user_id: state.userId,
    channel_id: state.channelId,
    muted: state.muted,
    deafened: state.deafened,
    self_mute: state.muted,
    self_deaf: state.deafened,
    username: state.username,
    server_id: state.serverId,
    joined_at: state.joinedAt,
  };
}

/** The signal goes in as its sender wrote it, byte for byte. */
function signalFrame(fromUserId: string, signal: Uint8Array, sequence: number): Frame {
  const head = `{"op":"DISPATCH","t":"VOICE_SIGNAL","d":{"from_user_id":${JSON.stringify(fromUserId)},"signal":`;
  const tail = sequence === 0 ? '}}' : `},"s":${sequence}}`;
  return textFrame(concat([utf8.encode(head), signal, utf8.encode(tail)]));
}

export function reply(message: Down): SendCommand {
  return send(jsonFrame(message));
}
