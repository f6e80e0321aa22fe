import { Type, type Static } from '@sinclair/typebox';
import { defineEvent } from './event.js';
import { ConnectionId, DialectName, GatewayId, LoginId, UserId } from './ids.js';
import { defineRequest, SHARDS, shardOf } from './request.js';

export const Status = Type.Union([
  Type.Literal('online'),
  Type.Literal('idle'),
  Type.Literal('dnd'),
  Type.Literal('offline'),
]);
export type Status = Static<typeof Status>;

export const PresenceMetadata = Type.Record(Type.String(), Type.Unknown());

/** What others see of a user. `status` is `offline` for the invisible too. */
export const Presence = Type.Object({
  userId: UserId,
  status: Status,
  lastSeen: Type.Integer({ description: 'ms since 1970' }),
  metadata: PresenceMetadata,
});
export type Presence = Static<typeof Presence>;

export const ConnectionInfo = Type.Object({
  connectionId: ConnectionId,
  gatewayId: GatewayId,
  userId: UserId,
  loginId: LoginId,
  dialect: DialectName,
  address: Type.String(),
  connectedAt: Type.Integer({ description: 'ms since 1970' }),
  /** `userId` is nobody's account. Counted and listed as others are, but nobody is told of its presence. */
  guest: Type.Optional(Type.Literal(true)),
});
export type ConnectionInfo = Static<typeof ConnectionInfo>;

/** A connection as its gateway reports it. */
export const OpenedConnection = Type.Composite([
  Type.Omit(ConnectionInfo, ['gatewayId']),
  Type.Object({
    /** Of the same user: it counts no more, and its gateway is told to end it. */
    replaces: Type.Optional(ConnectionId),
  }),
]);
export type OpenedConnection = Static<typeof OpenedConnection>;

const Shard = Type.Integer({ minimum: 0, maximum: SHARDS - 1 });

export const presence = {
  /**
   * What changed on one gateway among the users of one shard (`shardOf(userId)`), in order. Gateways gather what
   * happens while one report is under way into the next. Safe to repeat.
   */
  report: defineRequest('presence.report', {
    request: Type.Object({
      shard: Shard,
      gatewayId: GatewayId,
      opened: Type.Array(OpenedConnection, { maxItems: 1_000 }),
      closed: Type.Array(Type.Object({ connectionId: ConnectionId, userId: UserId }), { maxItems: 1_000 }),
    }),
    /** Connections refused because their user has too many; they are not counted as open. */
    reply: Type.Object({ refused: Type.Array(ConnectionId), limit: Type.Integer() }),
    errors: [],
    deadlineMs: 5_000,
    shard: (request) => request.shard,
  }),
  setStatus: defineRequest('presence.set-status', {
    request: Type.Object({
      userId: UserId,
      status: Status,
      metadata: Type.Optional(PresenceMetadata),
      /** The connection that asks; named in the event, so that it need not be told. */
      by: Type.Optional(ConnectionId),
    }),
    reply: Presence,
    errors: [],
    shard: (request) => shardOf(request.userId),
  }),
  lookup: defineRequest('presence.lookup', {
    request: Type.Object({ userIds: Type.Array(UserId, { maxItems: 1_000 }) }),
    reply: Type.Object({ presences: Type.Array(Presence) }),
    errors: [],
  }),
  /**
   * How many connections of a dialect each user has now and, for those who have none, since when (ms since 1970; for
   * connections of a lost gateway, since it was last known to be alive; 0 when there never was one). A user is left out
   * while nobody can know, since no replica owns their shard.
   */
  reach: defineRequest('presence.reach', {
    request: Type.Object({ userIds: Type.Array(UserId, { maxItems: 1_000 }), dialect: DialectName }),
    reply: Type.Object({
      users: Type.Array(Type.Object({ userId: UserId, connections: Type.Integer(), goneSince: Type.Integer() })),
    }),
    errors: [],
  }),
  /**
   * Which of these connections are known to be gone. One that came a moment ago may not have been reported yet: ask about
   * those that are some time old. Left out are those of users whose shard no replica owns, since nobody can know.
   */
  alive: defineRequest('presence.alive', {
    request: Type.Object({
      connections: Type.Array(Type.Object({ connectionId: ConnectionId, userId: UserId }), { maxItems: 1_000 }),
    }),
    reply: Type.Object({ gone: Type.Array(ConnectionId) }),
    errors: [],
  }),
  /** The status that a user has chosen, which others see only while they are connected. */
  chosen: defineRequest('presence.chosen', {
    request: Type.Object({ userId: UserId }),
    reply: Type.Object({ status: Status }),
    errors: [],
  }),
  /** Who is not offline now; at most `limit`, with the true total. */
  online: defineRequest('presence.online', {
    request: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1_000 }) }),
    reply: Type.Object({ presences: Type.Array(Presence), total: Type.Integer() }),
    errors: [],
  }),
  connections: defineRequest('presence.connections', {
    request: Type.Object({
      userId: Type.Optional(UserId),
      connectionId: Type.Optional(ConnectionId),
      gatewayId: Type.Optional(GatewayId),
      dialect: Type.Optional(DialectName),
      after: Type.Optional(ConnectionId),
      limit: Type.Integer({ minimum: 1, maximum: 1_000 }),
    }),
    reply: Type.Object({ connections: Type.Array(ConnectionInfo), total: Type.Integer() }),
    errors: [],
  }),
};

/** On `evt.presence.<userId>`, whenever what others see of the user changes. */
export const presenceChanged = defineEvent('presence', {
  channel: 'EVENTS',
  payload: Type.Composite([Presence, Type.Object({ by: Type.Optional(ConnectionId) })]),
});
