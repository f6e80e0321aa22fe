import { Type, type Static, type TProperties } from '@sinclair/typebox';
import { defineEvent } from './event.js';
import { ChannelId, MessageId, ServerId, UserId } from './ids.js';
import { defineRequest, shardOf } from './request.js';
import { Username } from './auth.contract.js';

/** Times on these are ISO 8601, UTC, with milliseconds. */
const Time = Type.String({ description: 'ISO 8601' });
const Name = Type.String({ minLength: 1, maxLength: 100 });
const Description = Type.Union([Type.String({ maxLength: 1_000 }), Type.Null()]);
const Content = Type.String({ minLength: 1, maxLength: 4_000 });

/** A community: members, channels, one owner. */
export const Server = Type.Object({
  id: ServerId,
  name: Name,
  description: Description,
  ownerId: UserId,
  memberCount: Type.Integer(),
  createdAt: Time,
});
export type Server = Static<typeof Server>;

export const ChannelType = Type.Union([Type.Literal('text'), Type.Literal('voice')]);
export type ChannelType = Static<typeof ChannelType>;

export const Channel = Type.Object({
  id: ChannelId,
  serverId: ServerId,
  name: Name,
  type: ChannelType,
  /** Order of the channels of a server, from 0. */
  position: Type.Integer(),
  topic: Description,
  createdAt: Time,
});
export type Channel = Static<typeof Channel>;

export const ChatMessage = Type.Object({
  id: MessageId,
  channelId: ChannelId,
  serverId: ServerId,
  authorId: UserId,
  content: Content,
  replyTo: Type.Union([MessageId, Type.Null()]),
  createdAt: Time,
  updatedAt: Type.Union([Time, Type.Null()]),
});
export type ChatMessage = Static<typeof ChatMessage>;

/** `username` is the one that the user had when joining (last). */
export const Member = Type.Object({ userId: UserId, username: Username, joinedAt: Time });
export type Member = Static<typeof Member>;

const Empty = Type.Object({});
const actorAnd = <T extends TProperties>(fields: T) => Type.Object({ actorId: UserId, ...fields });
const byServer = (request: { readonly serverId: string }): number => shardOf(request.serverId);
const byChannel = (request: { readonly channelId: string }): number => shardOf(request.channelId);

/**
 * Servers, channels and messages of chat. `actorId` acts; who may not see a thing gets `not_found`, who may see it but
 * not do this gets `forbidden`. Writes go to the owner of the server's (of messages: the channel's) shard.
 */
export const servers = {
  /** The id is the caller's, so that the request has a shard; the same id again answers the same server. */
  create: defineRequest('messaging.create-server', {
    request: actorAnd({ serverId: ServerId, name: Name, description: Type.Optional(Description) }),
    reply: Server,
    errors: ['limit_exceeded'],
    shard: byServer,
  }),
  /** Those that the actor is a member of, oldest membership first. */
  list: defineRequest('messaging.list-servers', {
    request: actorAnd({}),
    reply: Type.Object({ servers: Type.Array(Server) }),
    errors: [],
  }),
  get: defineRequest('messaging.get-server', {
    request: actorAnd({ serverId: ServerId }),
    reply: Server,
    errors: ['not_found'],
  }),
  /** Owner only. */
  update: defineRequest('messaging.update-server', {
    request: actorAnd({ serverId: ServerId, name: Type.Optional(Name), description: Type.Optional(Description) }),
    reply: Server,
    errors: ['not_found', 'forbidden'],
    shard: byServer,
  }),
  /** Owner only. Channels and messages go with it. */
  delete: defineRequest('messaging.delete-server', {
    request: actorAnd({ serverId: ServerId }),
    reply: Empty,
    errors: ['not_found', 'forbidden'],
    shard: byServer,
  }),
  /** Anyone who is not banned; `not_found` for who is. Joining again changes nothing. */
  join: defineRequest('messaging.join-server', {
    request: actorAnd({ serverId: ServerId }),
    reply: Server,
    errors: ['not_found', 'limit_exceeded'],
    // Hundreds may join one server at the same moment.
    deadlineMs: 5_000,
    shard: byServer,
  }),
  /** The owner cannot leave: `conflict`. */
  leave: defineRequest('messaging.leave-server', {
    request: actorAnd({ serverId: ServerId }),
    reply: Empty,
    errors: ['not_found', 'conflict'],
    deadlineMs: 5_000,
    shard: byServer,
  }),
  members: defineRequest('messaging.list-members', {
    request: actorAnd({
      serverId: ServerId,
      after: Type.Optional(UserId),
      limit: Type.Integer({ minimum: 1, maximum: 1_000 }),
    }),
    /** In order of user id. */
    reply: Type.Object({ members: Type.Array(Member), more: Type.Boolean() }),
    errors: ['not_found'],
  }),
  /** Owner only; the owner cannot be kicked or banned (`conflict`). */
  kick: defineRequest('messaging.kick-member', {
    request: actorAnd({ serverId: ServerId, userId: UserId }),
    reply: Empty,
    errors: ['not_found', 'forbidden', 'conflict'],
    shard: byServer,
  }),
  /** Also ends the membership. Banning someone who is no member is allowed. */
  ban: defineRequest('messaging.ban-member', {
    request: actorAnd({ serverId: ServerId, userId: UserId }),
    reply: Empty,
    errors: ['not_found', 'forbidden', 'conflict'],
    shard: byServer,
  }),
  unban: defineRequest('messaging.unban-member', {
    request: actorAnd({ serverId: ServerId, userId: UserId }),
    reply: Empty,
    errors: ['not_found', 'forbidden'],
    shard: byServer,
  }),
  /**
   * Which servers these users are members of. For gateways, which route presence by it. A user who is not in the answer
   * did not fit into it and is to be asked for again; who has no servers is there with an empty list.
   */
  ofUsers: defineRequest('messaging.servers-of-users', {
    request: Type.Object({ userIds: Type.Array(UserId, { maxItems: 1_000 }) }),
    reply: Type.Object({ users: Type.Array(Type.Object({ userId: UserId, serverIds: Type.Array(ServerId) })) }),
    errors: [],
  }),
};

export const channels = {
  /** Owner only. */
  create: defineRequest('messaging.create-channel', {
    request: actorAnd({
      serverId: ServerId,
      name: Name,
      type: ChannelType,
      topic: Type.Optional(Description),
    }),
    reply: Channel,
    errors: ['not_found', 'forbidden', 'limit_exceeded'],
    shard: byServer,
  }),
  /** In order of position. */
  list: defineRequest('messaging.list-channels', {
    request: actorAnd({ serverId: ServerId }),
    reply: Type.Object({ channels: Type.Array(Channel) }),
    errors: ['not_found'],
  }),
  /** With `serverId` it must be a channel of that server. */
  get: defineRequest('messaging.get-channel', {
    request: actorAnd({ channelId: ChannelId, serverId: Type.Optional(ServerId) }),
    reply: Channel,
    errors: ['not_found'],
  }),
  /** Owner only. */
  update: defineRequest('messaging.update-channel', {
    request: actorAnd({
      serverId: ServerId,
      channelId: ChannelId,
      name: Type.Optional(Name),
      topic: Type.Optional(Description),
      position: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
    }),
    reply: Channel,
    errors: ['not_found', 'forbidden'],
    shard: byServer,
  }),
  /** Owner only. */
  delete: defineRequest('messaging.delete-channel', {
    request: actorAnd({ serverId: ServerId, channelId: ChannelId }),
    reply: Empty,
    errors: ['not_found', 'forbidden'],
    shard: byServer,
  }),
};

export const messages = {
  /** Committed before it is announced and before the reply. `not_found`: channel or the message replied to. */
  post: defineRequest('messaging.post-message', {
    request: actorAnd({ channelId: ChannelId, content: Content, replyTo: Type.Optional(MessageId) }),
    reply: ChatMessage,
    errors: ['not_found', 'invalid'],
    shard: byChannel,
  }),
  /** Newest first; `before` is exclusive. */
  list: defineRequest('messaging.list-messages', {
    request: actorAnd({
      channelId: ChannelId,
      before: Type.Optional(MessageId),
      limit: Type.Integer({ minimum: 1, maximum: 100 }),
    }),
    /** `more`: older ones exist. There can be fewer than `limit` before them: as many as fit into one answer. */
    reply: Type.Object({ messages: Type.Array(ChatMessage), more: Type.Optional(Type.Boolean()) }),
    errors: ['not_found'],
  }),
  /** Where a message is, for requests that name only its id. */
  locate: defineRequest('messaging.locate-message', {
    request: actorAnd({ messageId: MessageId }),
    reply: Type.Object({ channelId: ChannelId }),
    errors: ['not_found'],
  }),
  /** Author only. */
  edit: defineRequest('messaging.edit-message', {
    request: actorAnd({ channelId: ChannelId, messageId: MessageId, content: Content }),
    reply: ChatMessage,
    errors: ['not_found', 'forbidden'],
    shard: byChannel,
  }),
  /** The author or the server's owner. */
  delete: defineRequest('messaging.delete-message', {
    request: actorAnd({ channelId: ChannelId, messageId: MessageId }),
    reply: Empty,
    errors: ['not_found', 'forbidden'],
    shard: byChannel,
  }),
};

export const VoiceState = Type.Object({
  userId: UserId,
  username: Username,
  serverId: ServerId,
  /** Null: the user has left voice. */
  channelId: Type.Union([ChannelId, Type.Null()]),
  muted: Type.Boolean(),
  deafened: Type.Boolean(),
  joinedAt: Time,
});
export type VoiceState = Static<typeof VoiceState>;

/**
 * What happens in a server, on `evt.server.<serverId>`; the members' connections listen. Messages come in the order of
 * their channel, changes of the server, its members and channels in theirs; between the two there is none.
 */
export const serverEvent = defineEvent('server', {
  channel: 'EVENTS',
  payload: Type.Union([
    Type.Object({ type: Type.Literal('message_created'), message: ChatMessage }),
    Type.Object({ type: Type.Literal('message_updated'), message: ChatMessage }),
    Type.Object({ type: Type.Literal('message_deleted'), messageId: MessageId, channelId: ChannelId }),
    Type.Object({ type: Type.Literal('voice_state'), state: VoiceState }),
    Type.Object({ type: Type.Literal('server_updated'), server: Server }),
    Type.Object({ type: Type.Literal('server_deleted') }),
    Type.Object({ type: Type.Literal('channel_created'), channel: Channel }),
    Type.Object({ type: Type.Literal('channel_updated'), channel: Channel }),
    Type.Object({ type: Type.Literal('channel_deleted'), channelId: ChannelId }),
    Type.Object({ type: Type.Literal('member_joined'), member: Member, memberCount: Type.Integer() }),
    Type.Object({ type: Type.Literal('member_left'), userId: UserId, memberCount: Type.Integer() }),
  ]),
});
export type ServerEvent = Static<typeof serverEvent.payload>;

/** On `evt.membership.<userId>`: a user has joined or left a server (left, kicked, banned, deleted). */
export const membershipChanged = defineEvent('membership', {
  channel: 'EVENTS',
  payload: Type.Object({
    userId: UserId,
    serverId: ServerId,
    change: Type.Union([Type.Literal('joined'), Type.Literal('left')]),
  }),
});
