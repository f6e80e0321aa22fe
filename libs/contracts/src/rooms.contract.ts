import { Type, type Static } from '@sinclair/typebox';
import { Username } from './auth.contract.js';
import { defineEvent } from './event.js';
import { ConnectionId, GatewayId, UserId, type Branded } from './ids.js';
import { defineRequest, shardOf } from './request.js';

/** A room is one document; its maker may choose the id, which becomes a subject token. */
export const RoomId = Type.Unsafe<Branded<'RoomId'>>(
  Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'RoomId' }),
);
export type RoomId = Static<typeof RoomId>;

export const DocumentType = Type.Union([Type.Literal('json'), Type.Literal('text'), Type.Literal('rich-text')]);
export type DocumentType = Static<typeof DocumentType>;

export const RoomRole = Type.Union([Type.Literal('owner'), Type.Literal('editor'), Type.Literal('viewer')]);
export type RoomRole = Static<typeof RoomRole>;

/** 1 for a new document; each operation makes it one more. */
const Version = Type.Integer({ minimum: 1 });
/** SHA-256 in lower-case hex over the canonical JSON (RFC 8785) of a document's content or of an operation. */
const Checksum = Type.String({ pattern: '^[0-9a-f]{64}$' });
/** JSON as text: it is passed on, not opened, by whoever stands between the service and the client. */
const JsonText = Type.String();

/** Client-chosen, unique per operation. */
export const OperationId = Type.String({ minLength: 1, maxLength: 64 });

export const Participant = Type.Object({
  userId: UserId,
  /** The user's number in this room, stamped into binary frames. */
  numericId: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
  name: Type.String(),
  /** `#rrggbb` */
  color: Type.String(),
  role: RoomRole,
  connectionId: ConnectionId,
});
export type Participant = Static<typeof Participant>;

export const RoomSummary = Type.Object({
  id: RoomId,
  type: DocumentType,
  version: Version,
  public: Type.Boolean(),
  role: RoomRole,
  createdAt: Type.String({ description: 'ISO 8601' }),
});
export type RoomSummary = Static<typeof RoomSummary>;

/** One operation of the log as it was applied. */
export const LoggedOperation = Type.Object({
  id: OperationId,
  userId: UserId,
  /** That it was made on. */
  baseVersion: Version,
  /** That it became. */
  version: Version,
  operation: JsonText,
});
export type LoggedOperation = Static<typeof LoggedOperation>;

/**
 * A document's content as JSON text. What is too long for one reply is fetched piece by piece with `rooms.content`, which
 * holds this version ready for a minute.
 */
const Content = Type.Union([
  Type.Object({ kind: Type.Literal('whole'), text: JsonText }),
  Type.Object({ kind: Type.Literal('pieces'), count: Type.Integer({ minimum: 2 }) }),
]);

const byRoom = (request: { readonly roomId: string }): number => shardOf(request.roomId);

/**
 * Documents under operational transformation. All that changes or reads a live document goes to the owner of the room's
 * shard. `not_found`: there is no such room, or the actor may not know of it; `forbidden`: not in this role.
 */
export const rooms = {
  /** `conflict`: the id is taken. `invalid`: the content does not fit the type. Body: the content as JSON. */
  create: defineRequest('rooms.create', {
    request: Type.Object({ actorId: UserId, roomId: RoomId, type: DocumentType, public: Type.Boolean() }),
    reply: RoomSummary,
    errors: ['conflict', 'limit_exceeded', 'too_large'],
    deadlineMs: 5_000,
    shard: byRoom,
  }),
  /** Rooms that the actor has a role in, newest first. */
  list: defineRequest('rooms.list', {
    request: Type.Object({
      actorId: UserId,
      before: Type.Optional(RoomId),
      limit: Type.Integer({ minimum: 1, maximum: 100 }),
    }),
    reply: Type.Object({ rooms: Type.Array(RoomSummary), more: Type.Boolean() }),
    errors: [],
  }),
  get: defineRequest('rooms.get', {
    request: Type.Object({ actorId: UserId, roomId: RoomId }),
    reply: Type.Composite([RoomSummary, Type.Object({ checksum: Checksum, content: Content })]),
    errors: ['not_found'],
    deadlineMs: 5_000,
    shard: byRoom,
  }),
  /** One piece of the content of a version that `get` or `join` has just spoken of; `not_found` when it is too old. */
  content: defineRequest('rooms.content', {
    request: Type.Object({ actorId: UserId, roomId: RoomId, version: Version, piece: Type.Integer({ minimum: 0 }) }),
    reply: Type.Object({ text: Type.String() }),
    errors: ['not_found'],
    shard: byRoom,
  }),
  /** Owner only. Whoever is in the room is told. */
  delete: defineRequest('rooms.delete', {
    request: Type.Object({ actorId: UserId, roomId: RoomId }),
    reply: Type.Object({}),
    errors: ['not_found', 'forbidden'],
    shard: byRoom,
  }),
  /** Owner only; the last owner stays one: `conflict`. `limit_exceeded`: too many members. Takes effect on live connections. */
  setMember: defineRequest('rooms.set-member', {
    request: Type.Object({ actorId: UserId, roomId: RoomId, userId: UserId, role: RoomRole }),
    reply: Type.Object({}),
    errors: ['not_found', 'forbidden', 'conflict', 'limit_exceeded'],
    shard: byRoom,
  }),
  /**
   * Owners remove anyone, everyone may remove themself; the last owner stays: `conflict`. Who is removed from a public room
   * by an owner may not know of it any more until they are given a role; who removes themself is like anyone there.
   */
  removeMember: defineRequest('rooms.remove-member', {
    request: Type.Object({ actorId: UserId, roomId: RoomId, userId: UserId }),
    reply: Type.Object({}),
    errors: ['not_found', 'forbidden', 'conflict', 'limit_exceeded'],
    shard: byRoom,
  }),
  /** Operations after `since`, oldest first. `too_old`: the log no longer reaches back that far, but to `oldest`. */
  operations: defineRequest('rooms.operations', {
    request: Type.Object({
      actorId: UserId,
      roomId: RoomId,
      since: Type.Integer({ minimum: 0 }),
      limit: Type.Integer({ minimum: 1, maximum: 1_000 }),
    }),
    reply: Type.Union([
      Type.Object({
        result: Type.Literal('operations'),
        operations: Type.Array(LoggedOperation),
        more: Type.Boolean(),
        version: Version,
      }),
      Type.Object({ result: Type.Literal('too_old'), oldest: Version, version: Version }),
    ]),
    errors: ['not_found'],
    shard: byRoom,
  }),

  /**
   * The connection takes part from now on. Who joined as `replaces` before is this one now: others see no leaving.
   * `full`: no place left. `limit_exceeded`: the user is in too many rooms. Joining again answers afresh.
   */
  join: defineRequest('rooms.join', {
    request: Type.Object({
      roomId: RoomId,
      userId: UserId,
      username: Username,
      connectionId: ConnectionId,
      gatewayId: GatewayId,
      replaces: Type.Optional(ConnectionId),
      /** The version that the client has; the operations since then are enough for it, where the log has them. */
      since: Type.Optional(Type.Integer({ minimum: 1 })),
    }),
    reply: Type.Object({
      type: DocumentType,
      version: Version,
      checksum: Checksum,
      state: Type.Union([
        Type.Object({ kind: Type.Literal('operations'), operations: Type.Array(LoggedOperation) }),
        Type.Object({ kind: Type.Literal('content'), content: Content }),
      ]),
      participant: Participant,
      /** Everyone in the room, the one who joins included. */
      participants: Type.Array(Participant),
      /** Events of the room up to this sequence are part of what this reply says. */
      position: Type.Integer({ minimum: 0 }),
    }),
    errors: ['not_found', 'full', 'limit_exceeded'],
    deadlineMs: 5_000,
    shard: byRoom,
  }),
  /** `lost`: the connection is gone without a word, and may be replaced within the grace. Safe to repeat. */
  leave: defineRequest('rooms.leave', {
    request: Type.Object({ roomId: RoomId, connectionId: ConnectionId, lost: Type.Boolean() }),
    reply: Type.Object({}),
    errors: [],
    shard: byRoom,
  }),
  /**
   * Body: the operation as JSON. Answered when it is durable. `accepted`: the room's event acknowledges it to its connection,
   * in its place among the others. `repeated`: this id was applied before, as that version. Errors: `forbidden` for who may
   * not write, `conflict` for a connection that is not in the room, `invalid` for an operation that does not fit the document.
   */
  submit: defineRequest('rooms.submit', {
    request: Type.Object({
      roomId: RoomId,
      userId: UserId,
      connectionId: ConnectionId,
      operationId: OperationId,
      baseVersion: Version,
      checksum: Type.Optional(Checksum),
    }),
    reply: Type.Union([
      Type.Object({ result: Type.Literal('accepted'), version: Version }),
      Type.Object({ result: Type.Literal('repeated'), version: Version }),
      Type.Object({ result: Type.Literal('version_mismatch'), currentVersion: Version }),
      Type.Object({ result: Type.Literal('checksum_failed') }),
    ]),
    errors: ['not_found', 'forbidden', 'conflict', 'too_large', 'queue_full'],
    deadlineMs: 5_000,
    shard: byRoom,
  }),
};

/** What a batch of operations was, in order; their JSON texts lie one after the other in the event's body. */
const Operations = Type.Object({
  type: Type.Literal('operations'),
  operations: Type.Array(
    Type.Object({
      id: OperationId,
      userId: UserId,
      connectionId: ConnectionId,
      baseVersion: Version,
      version: Version,
      /** Bytes in the body. */
      length: Type.Integer({ minimum: 1 }),
    }),
    { minItems: 1 },
  ),
});

export const RoomEvent = Type.Union([
  Operations,
  Type.Object({
    type: Type.Literal('joined'),
    participant: Participant,
    replaces: Type.Optional(ConnectionId),
    at: Type.Integer({ description: 'ms since 1970' }),
  }),
  Type.Object({
    type: Type.Literal('left'),
    participant: Participant,
    /** They were removed, which they are told by an event of its own. */
    removed: Type.Optional(Type.Literal(true)),
    at: Type.Integer(),
  }),
  Type.Object({ type: Type.Literal('role_changed'), userId: UserId, role: RoomRole, at: Type.Integer() }),
  /** The user may not be here any more. */
  Type.Object({ type: Type.Literal('removed'), userId: UserId, at: Type.Integer() }),
  Type.Object({ type: Type.Literal('deleted'), at: Type.Integer() }),
]);
export type RoomEvent = Static<typeof RoomEvent>;

/** On `evt.room.<roomId>`. */
export const roomEvent = defineEvent('room', { channel: 'EVENTS', payload: RoomEvent });

const Coordinate = Type.Number();
/** Where somebody's cursor is now. `timestamp` is the client's own, `at` the server's (ms since 1970). */
export const RoomCursor = Type.Object({
  userId: UserId,
  numericId: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
  connectionId: ConnectionId,
  x: Coordinate,
  y: Coordinate,
  viewport: Type.Optional(Type.Object({ x: Coordinate, y: Coordinate })),
  timestamp: Type.Number({ minimum: 0 }),
  at: Type.Integer(),
});
export type RoomCursor = Static<typeof RoomCursor>;

/** On `evt.room-cursor.<roomId>`. */
export const roomCursor = defineEvent('room-cursor', { channel: 'live', payload: RoomCursor });

/** On `evt.room-selection.<roomId>`. Body: the ranges as JSON, as their client wrote them. */
export const roomSelection = defineEvent('room-selection', {
  channel: 'live',
  payload: Type.Object({
    userId: UserId,
    numericId: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
    connectionId: ConnectionId,
    color: Type.String({ maxLength: 64 }),
    at: Type.Integer(),
  }),
});
