import { Type, type Static } from '@sinclair/typebox';
import { TopicGrants } from './auth.contract.js';
import { defineEvent } from './event.js';
import { ConnectionId, GatewayId, MessageId, Topic, TopicPattern, UserId } from './ids.js';
import { defineRequest, shardOf } from './request.js';

/** Passed on as the publisher gave it; the server's own fields are merged over it. */
export const MessageMetadata = Type.Record(Type.String(), Type.Unknown());
export type MessageMetadata = Static<typeof MessageMetadata>;

/** Who acts: a user with what their token confines them to, or the server API. */
export const Actor = Type.Union([
  Type.Object({ type: Type.Literal('user'), userId: UserId, grants: Type.Optional(TopicGrants) }),
  Type.Object({ type: Type.Literal('server') }),
]);
export type Actor = Static<typeof Actor>;

/** How the bytes beside an event's head are to be read: JSON text, or one of the binary frame types of `topics`. */
export const BodyFormat = Type.Union([
  Type.Literal('json'),
  Type.Literal('broadcast'),
  Type.Literal('direct_message'),
  Type.Literal('file_transfer'),
  Type.Literal('stream_data'),
]);
export type BodyFormat = Static<typeof BodyFormat>;

const Checksum = Type.String({ description: 'sha256:<hex>, of binary bodies' });

/** One message on a topic. Its payload is the event's body, byte for byte as published. */
export const TopicMessage = Type.Object({
  messageId: MessageId,
  topic: Topic,
  from: Type.Union([UserId, Type.Null()], { description: 'null: the server API' }),
  sentAt: Type.Integer({ description: 'ms since 1970' }),
  format: BodyFormat,
  checksum: Type.Optional(Checksum),
  name: Type.Optional(Type.String()),
  metadata: Type.Optional(MessageMetadata),
});
export type TopicMessage = Static<typeof TopicMessage>;

/** A direct message. Its payload is the event's body. `position` orders the messages of one recipient. */
export const DirectMessage = Type.Object({
  messageId: MessageId,
  from: UserId,
  to: UserId,
  sentAt: Type.Integer({ description: 'ms since 1970' }),
  position: Type.Integer(),
  format: BodyFormat,
  checksum: Type.Optional(Checksum),
  name: Type.Optional(Type.String()),
  metadata: Type.Optional(MessageMetadata),
});
export type DirectMessage = Static<typeof DirectMessage>;

export const Notification = Type.Object({
  level: Type.Union([Type.Literal('info'), Type.Literal('success'), Type.Literal('warning'), Type.Literal('error')]),
  title: Type.String({ minLength: 1, maxLength: 200 }),
  message: Type.String({ minLength: 1, maxLength: 4_000 }),
  actions: Type.Array(
    Type.Object({
      label: Type.String({ minLength: 1, maxLength: 100 }),
      url: Type.String({ maxLength: 2_048, pattern: '^https?://' }),
    }),
    { maxItems: 10 },
  ),
});
export type Notification = Static<typeof Notification>;

/** A stored topic message as history gives it; `payload` is the body as text (base64 where `format` is not json). */
export const StoredTopicMessage = Type.Composite([
  TopicMessage,
  Type.Object({ sequence: Type.Integer(), payload: Type.String() }),
]);
export type StoredTopicMessage = Static<typeof StoredTopicMessage>;

/** How far back a topic may be read. */
export const HistoryRule = Type.Object({
  messages: Type.Integer({ minimum: 0 }),
  seconds: Type.Integer({ minimum: 0 }),
});
export type HistoryRule = Static<typeof HistoryRule>;

export const messaging = {
  /** Body: the payload. Stored before the reply; `sequence` is the topic's resume point. */
  publishTopic: defineRequest('messaging.publish-topic', {
    request: Type.Object({
      actor: Actor,
      topic: Topic,
      format: BodyFormat,
      name: Type.Optional(Type.String({ maxLength: 255 })),
      metadata: Type.Optional(MessageMetadata),
      /** Same key within 2 minutes: stored and delivered once, answered with the first sequence and `duplicate: true`. */
      idempotencyKey: Type.Optional(Type.String({ maxLength: 128 })),
      /** Where gateways report how many connections they wrote to. */
      receiptsTo: Type.Optional(Type.String({ maxLength: 128 })),
    }),
    reply: Type.Object({
      sequence: Type.Integer(),
      messageId: MessageId,
      sentAt: Type.Integer(),
      duplicate: Type.Boolean(),
    }),
    errors: ['forbidden', 'too_large'],
  }),
  /** May the actor subscribe to these? One answer per pattern, in order; history is asked per concrete topic. */
  authorizeTopics: defineRequest('messaging.authorize-topics', {
    request: Type.Object({
      actor: Actor,
      patterns: Type.Array(TopicPattern, { minItems: 1, maxItems: 1_000 }),
    }),
    reply: Type.Object({
      answers: Type.Array(Type.Object({ allowed: Type.Boolean(), history: HistoryRule })),
    }),
    errors: [],
  }),
  topicHistory: defineRequest('messaging.topic-history', {
    request: Type.Object({
      actor: Actor,
      topic: Topic,
      before: Type.Optional(Type.Integer({ description: 'only messages with a smaller sequence' })),
      limit: Type.Integer({ minimum: 1, maximum: 100 }),
    }),
    /** Newest last. `more`: older ones are kept. */
    reply: Type.Object({ messages: Type.Array(StoredTopicMessage), more: Type.Boolean() }),
    errors: ['forbidden'],
  }),
  /** Body: the payload. Stored first, then delivered to live connections or kept for the next one. */
  sendDirect: defineRequest('messaging.send-direct', {
    request: Type.Object({
      from: UserId,
      to: UserId,
      format: BodyFormat,
      name: Type.Optional(Type.String({ maxLength: 255 })),
      metadata: Type.Optional(MessageMetadata),
      /** Seconds that it may wait for its recipient. Default 7 days. */
      ttl: Type.Optional(Type.Integer({ minimum: 0, maximum: 30 * 86_400 })),
      idempotencyKey: Type.Optional(Type.String({ maxLength: 128 })),
    }),
    reply: Type.Object({
      messageId: MessageId,
      /** Connections that it was written to; empty: it waits in the queue. */
      deliveredTo: Type.Array(ConnectionId),
    }),
    errors: ['not_found', 'queue_full', 'too_large'],
    deadlineMs: 5_000,
    shard: (request) => shardOf(request.to),
  }),
  /** Claims what waits for the user, oldest first, for one connection; unsettled claims are given again after 30 s. */
  takeDirect: defineRequest('messaging.take-direct', {
    request: Type.Object({
      userId: UserId,
      connectionId: ConnectionId,
      /** Where the connection is: its claims end when this gateway is lost, instead of after 30 s. */
      gatewayId: Type.Optional(GatewayId),
      limit: Type.Integer({ minimum: 1, maximum: 100 }),
    }),
    reply: Type.Object({
      messages: Type.Array(Type.Composite([DirectMessage, Type.Object({ payload: Type.String() })])),
      more: Type.Boolean(),
    }),
    errors: [],
    shard: (request) => shardOf(request.userId),
  }),
  /** What `takeDirect` gave was written to the socket. */
  settleDirect: defineRequest('messaging.settle-direct', {
    request: Type.Object({ userId: UserId, messageIds: Type.Array(MessageId, { maxItems: 100 }) }),
    reply: Type.Object({}),
    errors: [],
    shard: (request) => shardOf(request.userId),
  }),
  notify: defineRequest('messaging.notify', {
    request: Type.Object({
      notification: Notification,
      /** Only this user's connections; absent: everyone's. */
      userId: Type.Optional(UserId),
    }),
    reply: Type.Object({ recipients: Type.Integer() }),
    errors: ['not_found'],
  }),
};

/** On `evt.topic.<topic>`. */
export const topicMessage = defineEvent('topic', { channel: 'TOPICS', payload: TopicMessage });

/** On `evt.user.<userId>.direct`. */
export const directMessage = defineEvent('direct', { channel: 'EVENTS', scope: 'user', payload: DirectMessage });

/** On `evt.user.<userId>.direct-waiting`: something entered the queue of a user; whoever serves them should take it. */
export const directWaiting = defineEvent('direct-waiting', {
  channel: 'EVENTS',
  scope: 'user',
  payload: Type.Object({ userId: UserId }),
});

/** On `evt.notification.all`: for everyone. */
export const notificationSent = defineEvent('notification', { channel: 'EVENTS', payload: Notification });
export const NOTIFICATION_ALL = 'all';

/** On `evt.user.<userId>.user-notification`: for one user. */
export const userNotificationSent = defineEvent('user-notification', {
  channel: 'EVENTS',
  scope: 'user',
  payload: Notification,
});
