import { DocumentType, Participant, RoomRole } from '@parley/contracts';
import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { protocol } from './version.js';

/** What the server sends, by type: the payloads. Every timestamp of the server is in ms since 1970. */
const Milliseconds = Type.Integer({ description: 'ms since 1970' });
const Text = Type.String();
const Version = Type.Integer({ minimum: 1 });
const NumericId = Type.Integer({ minimum: 0, maximum: 0xffff_ffff });

export const Connected = Type.Object({
  connectionId: Text,
  userId: Text,
  serverTime: Milliseconds,
  protocol: Type.Integer(),
});

/** An operation as it was applied; `version` is the one it was made on, `transformedVersion` the one it became. */
export const AppliedOperation = Type.Object({
  /** The message that brought it. */
  id: Text,
  operation: Type.Unknown(),
  userId: Text,
  version: Version,
  transformedVersion: Version,
});
export type AppliedOperation = Static<typeof AppliedOperation>;

export const RoomJoined = Type.Object({
  roomId: Text,
  participants: Type.Array(Participant),
  documentState: Type.Object({
    type: DocumentType,
    /** Absent where `operations` bring the client up to date. */
    content: Type.Optional(Type.Unknown()),
    /** SHA-256 over the content's canonical JSON. */
    checksum: Text,
  }),
  version: Version,
  recovered: Type.Boolean(),
  operations: Type.Optional(Type.Array(AppliedOperation)),
});
export type RoomJoined = Static<typeof RoomJoined>;

const Cursor = Type.Object({
  x: Type.Number(),
  y: Type.Number(),
  /** Absent from a cursor that came as a binary frame without them. */
  viewportX: Type.Optional(Type.Number()),
  viewportY: Type.Optional(Type.Number()),
  /** The client's own; of one that came as a binary frame its low 32 bits. */
  timestamp: Type.Number(),
});

/** What has changed, and nothing else: absent is as it was. */
export const PresenceData = Type.Object({
  /** `offline`: this connection has left. */
  status: Type.Optional(Type.Union([Type.Literal('online'), Type.Literal('offline')])),
  /** Absent: all connections of the user, as with a changed role. */
  connectionId: Type.Optional(Text),
  numericId: Type.Optional(NumericId),
  name: Type.Optional(Text),
  color: Type.Optional(Text),
  role: Type.Optional(RoomRole),
  /** The connection whose place this one took. */
  replaces: Type.Optional(Text),
  cursor: Type.Optional(Cursor),
  selection: Type.Optional(Type.Object({ ranges: Type.Array(Type.Unknown()), color: Text })),
});
export type PresenceData = Static<typeof PresenceData>;

export const PresenceUpdate = Type.Object({ userId: Text, presence: PresenceData, timestamp: Milliseconds });

export const OperationBroadcast = Type.Omit(AppliedOperation, ['id']);

/** `version` is the one that an operation became; only operations have it. */
export const Ack = Type.Object({ messageId: Text, version: Type.Optional(Version) });

export const codes = [1001, 1002, 1003, 2001, 2002, 2003, 3001, 3002, 3003, 5001, 5002] as const;
export type Code = (typeof codes)[number];

export const ErrorPayload = Type.Object({
  code: Type.Union([
    Type.Literal(1001),
    Type.Literal(1002),
    Type.Literal(1003),
    Type.Literal(2001),
    Type.Literal(2002),
    Type.Literal(2003),
    Type.Literal(3001),
    Type.Literal(3002),
    Type.Literal(3003),
    Type.Literal(5001),
    Type.Literal(5002),
  ]),
  message: Text,
  details: Type.Object({
    /** The message that could not be done. */
    messageId: Type.Optional(Text),
    /** Path of what was wrong. */
    field: Type.Optional(Text),
    /** With 1002 and 1003. */
    retryAfterMs: Type.Optional(Type.Integer()),
    /** With 3002. */
    currentVersion: Type.Optional(Version),
  }),
  /** The same message may succeed when it is sent again: later, or after catching up. */
  recoverable: Type.Boolean(),
});
export type ErrorPayload = Static<typeof ErrorPayload>;

export const Pong = Type.Object({ timestamp: Type.Number(), serverTime: Milliseconds });

/** Extension: answers `auth`. */
export const AuthRenewed = Type.Object({ expiresAt: Milliseconds });

export const payloads = {
  connected: Connected,
  room_joined: RoomJoined,
  presence_update: PresenceUpdate,
  operation_broadcast: OperationBroadcast,
  ack: Ack,
  error: ErrorPayload,
  pong: Pong,
  auth_renewed: AuthRenewed,
} as const;

export type DownType = keyof typeof payloads;
export type Payloads = { readonly [T in DownType]: Static<(typeof payloads)[T]> };

function message<N extends string, P extends TSchema>(type: N, payload: P) {
  return Type.Object({
    /** UUID; of an `operation_broadcast` that of the message which brought the operation. */
    id: Text,
    type: Type.Literal(type),
    version: Type.Literal(protocol),
    timestamp: Milliseconds,
    roomId: Type.Optional(Text),
    payload,
  });
}

export const messages = {
  connected: message('connected', Connected),
  room_joined: message('room_joined', RoomJoined),
  presence_update: message('presence_update', PresenceUpdate),
  operation_broadcast: message('operation_broadcast', OperationBroadcast),
  ack: message('ack', Ack),
  error: message('error', ErrorPayload),
  pong: message('pong', Pong),
  auth_renewed: message('auth_renewed', AuthRenewed),
} as const;

export const Down = Type.Union([
  messages.connected,
  messages.room_joined,
  messages.presence_update,
  messages.operation_broadcast,
  messages.ack,
  messages.error,
  messages.pong,
  messages.auth_renewed,
]);
export type Down = Static<typeof Down>;
