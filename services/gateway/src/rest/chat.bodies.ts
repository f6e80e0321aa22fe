import { Status, type Channel, type ChatMessage, type Member, type Server, type VoiceState } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';

/** What REST says of chat's things. The spellings of the original clients stand beside the document's own. */

const Uuid = Type.String({ format: 'uuid' });
const Time = Type.String({ format: 'date-time' });
const Nullable = <T extends ReturnType<typeof Type.String>>(schema: T) => Type.Union([schema, Type.Null()]);

export const ServerBody = Type.Object({
  id: Uuid,
  name: Type.String(),
  description: Nullable(Type.String()),
  owner_id: Uuid,
  member_count: Type.Integer(),
  created_at: Time,
});

export function serverBody(server: Server): Static<typeof ServerBody> {
  return {
    id: server.id,
    name: server.name,
    description: server.description,
    owner_id: server.ownerId,
    member_count: server.memberCount,
    created_at: server.createdAt,
  };
}

/** `status` as others see it; the socket tells only of its changes. */
export const MemberBody = Type.Object({
  user_id: Uuid,
  username: Type.String(),
  joined_at: Time,
  status: Type.Optional(Status),
});

export function memberBody(member: Member, status: Status | undefined): Static<typeof MemberBody> {
  const { userId, username, joinedAt } = member;
  return { user_id: userId, username, joined_at: joinedAt, ...(status === undefined ? {} : { status }) };
}

export const ChannelBody = Type.Object({
  id: Uuid,
  server_id: Uuid,
  name: Type.String(),
  type: Type.Union([Type.Literal('text'), Type.Literal('voice')]),
  position: Type.Integer(),
  topic: Nullable(Type.String()),
  created_at: Time,
});

export function channelBody(channel: Channel): Static<typeof ChannelBody> {
  return {
    id: channel.id,
    server_id: channel.serverId,
    name: channel.name,
    type: channel.type,
    position: channel.position,
    topic: channel.topic,
    created_at: channel.createdAt,
  };
}

export const MessageBody = Type.Object({
  id: Uuid,
  channel_id: Uuid,
  author_id: Uuid,
  content: Type.String(),
  reply_to: Nullable(Uuid),
  created_at: Time,
  updated_at: Nullable(Time),
  edited_at: Nullable(Time),
});

export function messageBody(message: ChatMessage): Static<typeof MessageBody> {
  return {
    id: message.id,
    channel_id: message.channelId,
    author_id: message.authorId,
    content: message.content,
    reply_to: message.replyTo,
    created_at: message.createdAt,
    updated_at: message.updatedAt,
    edited_at: message.updatedAt,
  };
}

export const VoiceBody = Type.Object({
  user_id: Uuid,
  username: Type.String(),
  server_id: Uuid,
  channel_id: Nullable(Uuid),
  muted: Type.Boolean(),
  deafened: Type.Boolean(),
  self_mute: Type.Boolean(),
  self_deaf: Type.Boolean(),
  joined_at: Time,
});

export function voiceBody(state: VoiceState): Static<typeof VoiceBody> {
  return {
    user_id: state.userId,
    username: state.username,
    server_id: state.serverId,
    channel_id: state.channelId,
    muted: state.muted,
    deafened: state.deafened,
    self_mute: state.muted,
    self_deaf: state.deafened,
    joined_at: state.joinedAt,
  };
}
