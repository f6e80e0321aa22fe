import { Type, type Static } from '@sinclair/typebox';
import { defineEvent } from './event.js';
import { ConnectionId, GatewayId, UserId, type Branded } from './ids.js';
import { defineRequest, shardOf } from './request.js';

const uuid = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';

/** A party: one host and its members. UUIDv7. */
export const SessionId = Type.Unsafe<Branded<'SessionId'>>(Type.String({ pattern: uuid, description: 'SessionId' }));
export type SessionId = Static<typeof SessionId>;

/** A place in a session; it stays the member's through reconnects. UUIDv7. */
export const MemberId = Type.Unsafe<Branded<'MemberId'>>(Type.String({ pattern: uuid, description: 'MemberId' }));
export type MemberId = Static<typeof MemberId>;

export const ConnectionStatus = Type.Union([
  Type.Literal('connected'),
  Type.Literal('disconnected'),
  Type.Literal('reconnecting'),
]);
export type ConnectionStatus = Static<typeof ConnectionStatus>;

export const PartyMember = Type.Object({
  id: MemberId,
  name: Type.String({ minLength: 1, maxLength: 100 }),
  isHost: Type.Boolean(),
  connectionStatus: ConnectionStatus,
  joinedAt: Type.Integer({ description: 'ms since 1970' }),
  /** Round trip, ms, measured by the server; absent before the first measurement. */
  latency: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type PartyMember = Static<typeof PartyMember>;

export const PartySession = Type.Object({
  id: SessionId,
  name: Type.String({ minLength: 1, maxLength: 100 }),
  /** The host's member id; null before the host has joined for the first time. */
  hostId: Type.Union([MemberId, Type.Null()]),
  maxMembers: Type.Integer(),
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
  id: Type.String({ minLength: 1, maxLength: 128 }),
  name: Type.String({ minLength: 1, maxLength: 100 }),
  type: Type.Union([Type.Literal('host'), Type.Literal('client')]),
});
export type DeviceInfo = Static<typeof DeviceInfo>;

const Empty = Type.Object({});
const Reason = Type.String({ maxLength: 200 });
const bySession = (request: { readonly sessionId: string }): number => shardOf(request.sessionId);

/** Who orders something done: the holder of the host token, the account that made the session, or a member. */
const Authority = Type.Union([
  Type.Object({ by: Type.Literal('host-token'), token: Type.String({ maxLength: 200 }) }),
  Type.Object({ by: Type.Literal('user'), userId: UserId }),
  Type.Object({ by: Type.Literal('member'), memberId: MemberId, connectionId: ConnectionId }),
]);

/**
 * Parties. All that changes one goes to the owner of the session's shard; capacity is decided by the database. `forbidden`:
 * neither its host nor the account that made it.
 */
export const sessions = {
  /** `hostToken` is told here and never again. The id is the caller's, so that the request has a shard. */
  create: defineRequest('session.create', {
    request: Type.Object({
      sessionId: SessionId,
      userId: Type.Optional(UserId),
      name: PartySession.properties.name,
      maxMembers: Type.Integer({ minimum: 1, maximum: 1_000 }),
    }),
    reply: Type.Object({ session: PartySession, hostToken: Type.String() }),
    errors: ['limit_exceeded'],
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
   */
  join: defineRequest('session.join', {
    request: Type.Object({
      sessionId: SessionId,
      device: DeviceInfo,
      hostToken: Type.Optional(Type.String({ maxLength: 2_000 })),
      userId: Type.Optional(UserId),
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
  /** At once, and said so by the member. */
  leave: defineRequest('session.leave', {
    request: Type.Object({ sessionId: SessionId, memberId: MemberId, connectionId: ConnectionId }),
    reply: Empty,
    errors: [],
    shard: bySession,
  }),
  /** The connection is gone without a word: the place is held for the grace. Safe to repeat. `why`: how it went. */
  lost: defineRequest('session.lost', {
    request: Type.Object({
      sessionId: SessionId,
      memberId: MemberId,
      connectionId: ConnectionId,
      why: Type.Union([Type.Literal('timeout'), Type.Literal('error')]),
    }),
    reply: Empty,
    errors: [],
    shard: bySession,
  }),
  members: defineRequest('session.members', {
    request: Type.Object({ sessionId: SessionId, memberId: MemberId }),
    reply: Type.Object({ members: Type.Array(PartyMember) }),
    errors: ['not_found'],
    shard: bySession,
  }),
  /** Measured round trips of members on one gateway; kept in memory, told in the next `member_list`. */
  measured: defineRequest('session.measured', {
    request: Type.Object({
      sessionId: SessionId,
      memberId: MemberId,
      connectionId: ConnectionId,
      latency: Type.Integer({ minimum: 0 }),
    }),
    reply: Empty,
    errors: [],
    shard: bySession,
  }),
};

/** On `evt.party.<sessionId>`. */
export const partyEvent = defineEvent('party', {
  channel: 'EVENTS',
  payload: Type.Union([
    Type.Object({ type: Type.Literal('member_joined'), member: PartyMember, connectionId: ConnectionId }),
    /** Back, or away for now. */
    Type.Object({ type: Type.Literal('members'), members: Type.Array(PartyMember) }),
    Type.Object({ type: Type.Literal('member_left'), memberId: MemberId, reason: LeaveReason }),
    /** To the member alone; `member_left` follows for the others. */
    Type.Object({
      type: Type.Literal('kicked'),
      memberId: MemberId,
      connectionId: Type.Union([ConnectionId, Type.Null()]),
      reason: Type.String(),
    }),
    /** An old connection of a member that has to make place for a new try. */
    Type.Object({ type: Type.Literal('superseded'), connectionId: ConnectionId }),
    Type.Object({ type: Type.Literal('closed'), reason: Type.Optional(Type.String()) }),
  ]),
});
