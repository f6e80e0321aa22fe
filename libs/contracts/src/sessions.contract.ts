import { Type, type Static } from '@sinclair/typebox';
import { defineEvent } from './event.js';
import { ConnectionId, GatewayId, MemberId, SessionId, UserId } from './ids.js';
import { defineRequest, shardOf } from './request.js';
import { storableText } from './text.js';

/** `disconnected`: the place is still held, but nobody is expected back any more. */
export const ConnectionStatus = Type.Union([
  Type.Literal('connected'),
  Type.Literal('disconnected'),
  Type.Literal('reconnecting'),
]);
export type ConnectionStatus = Static<typeof ConnectionStatus>;

const Name = storableText({ minLength: 1, maxLength: 100 });

export const PartyMember = Type.Object({
  id: MemberId,
  name: Name,
  isHost: Type.Boolean(),
  connectionStatus: ConnectionStatus,
  joinedAt: Type.Integer({ description: 'ms since 1970' }),
  /** Round trip, ms, measured by the server; absent before the first measurement, and while not connected. */
  latency: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type PartyMember = Static<typeof PartyMember>;

export const PartySession = Type.Object({
  id: SessionId,
  name: Name,
  /** The host's member id, given before the host has joined for the first time. */
  hostId: MemberId,
  maxMembers: Type.Integer(),
  /** Places taken, those that are held included. */
  memberCount: Type.Integer(),
  createdAt: Type.String({ description: 'ISO 8601' }),
});
export type PartySession = Static<typeof PartySession>;

export const LeaveReason = Type.Union([
  Type.Literal('left'),
  Type.Literal('kicked'),
  Type.Literal('timeout'),
  Type.Literal('error'),
]);
export type LeaveReason = Static<typeof LeaveReason>;

/** What a client says of the device it runs on; the id is its own, unique in a session. */
export const DeviceInfo = Type.Object({
  id: storableText({ minLength: 1, maxLength: 128 }),
  name: Name,
  type: Type.Union([Type.Literal('host'), Type.Literal('client')]),
});
export type DeviceInfo = Static<typeof DeviceInfo>;

/** What host tokens begin with, so that nobody takes one for an access token. */
export const HOST_TOKEN_PREFIX = 'host_';

const Empty = Type.Object({});
const Reason = Type.String({ maxLength: 200 });
const HostToken = Type.String({ maxLength: 200 });
const bySession = (request: { readonly sessionId: string }): number => shardOf(request.sessionId);

/** Who orders something done: the holder of the host token, the account that made the session, or a member. */
export const Authority = Type.Union([
  Type.Object({ by: Type.Literal('host-token'), token: HostToken }),
  Type.Object({ by: Type.Literal('user'), userId: UserId }),
  Type.Object({ by: Type.Literal('connection'), connectionId: ConnectionId }),
]);
export type Authority = Static<typeof Authority>;

/**
 * Parties. All that changes one goes to the owner of the session's shard; capacity is decided by the database. `forbidden`:
 * neither its host nor the account that made it.
 */
export const sessions = {
  /**
   * `hostToken` is told here and never again. The id is the caller's, so that the request has a shard. `unauthenticated`:
   * where an account is required.
   */
  create: defineRequest('session.create', {
    request: Type.Object({
      sessionId: SessionId,
      userId: Type.Optional(UserId),
      /** Of who asks, for the limit on those without an account. */
      address: Type.String({ maxLength: 100 }),
      name: Name,
      /** Otherwise as configured. */
      maxMembers: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    }),
    reply: Type.Object({ session: PartySession, hostToken: Type.String() }),
    errors: ['unauthenticated', 'limit_exceeded', 'conflict'],
    shard: bySession,
  }),
  /** Open sessions, newest first. */
  list: defineRequest('session.list', {
    request: Type.Object({ before: Type.Optional(SessionId), limit: Type.Integer({ minimum: 1, maximum: 100 }) }),
    reply: Type.Object({ sessions: Type.Array(PartySession), more: Type.Boolean() }),
    errors: [],
  }),
  get: defineRequest('session.get', {
    request: Type.Object({ sessionId: SessionId }),
    reply: Type.Object({ session: PartySession, members: Type.Array(PartyMember) }),
    errors: ['not_found'],
    shard: bySession,
  }),
  close: defineRequest('session.close', {
    request: Type.Object({ sessionId: SessionId, authority: Authority, reason: Type.Optional(Reason) }),
    reply: Empty,
    errors: ['not_found', 'forbidden'],
    shard: bySession,
  }),
  kick: defineRequest('session.kick', {
    request: Type.Object({
      sessionId: SessionId,
      authority: Authority,
      memberId: MemberId,
      reason: Type.Optional(Reason),
    }),
    reply: Empty,
    errors: ['not_found', 'forbidden'],
    shard: bySession,
  }),
  /**
   * A device whose place waits for it (its connection was lost) gets that place back, as the same member. A device that is
   * there already: `already_joined`, and its old connection is closed, so that the next try goes through.
   * `unauthenticated`: a host without its token, or a guest where an account is required.
   */
  join: defineRequest('session.join', {
    request: Type.Object({
      sessionId: SessionId,
      device: DeviceInfo,
      hostToken: Type.Optional(HostToken),
      /** As the connection is logged in: a user, or an id of its own. */
      userId: UserId,
      guest: Type.Boolean(),
      connectionId: ConnectionId,
      gatewayId: GatewayId,
    }),
    reply: Type.Union([
      Type.Object({
        result: Type.Literal('joined'),
        memberId: MemberId,
        session: PartySession,
        members: Type.Array(PartyMember),
        /** Events of the session up to this sequence are part of what this reply says. */
        position: Type.Integer({ minimum: 0 }),
      }),
      Type.Object({ result: Type.Literal('full'), maxMembers: Type.Integer(), currentMembers: Type.Integer() }),
      Type.Object({ result: Type.Literal('already_joined') }),
    ]),
    errors: ['not_found', 'unauthenticated'],
    deadlineMs: 5_000,
    shard: bySession,
  }),
  /** Said so by the member: at once. When it is the host, the session closes for all. Safe to repeat. */
  leave: defineRequest('session.leave', {
    request: Type.Object({ sessionId: SessionId, connectionId: ConnectionId }),
    reply: Empty,
    errors: [],
    shard: bySession,
  }),
  /**
   * The connection is gone without a word. `gone`: it broke, and the place is held for the grace. `timeout` (silent for too
   * long) and `error` (the server ended it for what the client did): the place is given up, unless it is the host's, which is
   * held always. Safe to repeat.
   */
  lost: defineRequest('session.lost', {
    request: Type.Object({
      sessionId: SessionId,
      connectionId: ConnectionId,
      why: Type.Union([Type.Literal('gone'), Type.Literal('timeout'), Type.Literal('error')]),
    }),
    reply: Empty,
    errors: [],
    shard: bySession,
  }),
  members: defineRequest('session.members', {
    request: Type.Object({ sessionId: SessionId }),
    reply: Type.Object({ members: Type.Array(PartyMember) }),
    errors: ['not_found'],
    shard: bySession,
  }),
  /** A measured round trip, ms; kept in memory for a while, told in the next list of members. */
  measured: defineRequest('session.measured', {
    request: Type.Object({
      sessionId: SessionId,
      connectionId: ConnectionId,
      latency: Type.Integer({ minimum: 0 }),
    }),
    reply: Empty,
    errors: [],
    shard: bySession,
  }),
};

/** When it happened, ms since 1970. */
const At = Type.Integer();

/** On `evt.party.<sessionId>`. */
export const partyEvent = defineEvent('party', {
  channel: 'EVENTS',
  payload: Type.Union([
    Type.Object({ type: Type.Literal('member_joined'), at: At, member: PartyMember, connectionId: ConnectionId }),
    /** A member has its place back; `members` follows for all. Here so that a join has a place among the events. */
    Type.Object({ type: Type.Literal('returned'), at: At, connectionId: ConnectionId }),
    /** All of them, since the connection of somebody changed. */
    Type.Object({ type: Type.Literal('members'), at: At, members: Type.Array(PartyMember) }),
    Type.Object({ type: Type.Literal('member_left'), at: At, memberId: MemberId, name: Name, reason: LeaveReason }),
    /** To the member alone; `member_left` follows for the others. */
    Type.Object({
      type: Type.Literal('kicked'),
      at: At,
      memberId: MemberId,
      connectionId: Type.Union([ConnectionId, Type.Null()]),
      reason: Type.String(),
    }),
    /** An old connection of a member that has to make place for a new try. */
    Type.Object({ type: Type.Literal('superseded'), at: At, connectionId: ConnectionId }),
    Type.Object({ type: Type.Literal('closed'), at: At, reason: Type.String() }),
  ]),
});
