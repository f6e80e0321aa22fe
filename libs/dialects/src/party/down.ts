import { ConnectionStatus, LeaveReason } from '@parley/contracts';
import { Type, type Static, type TProperties } from '@sinclair/typebox';

/** What the server sends. Times are ms since 1970. */
function message<N extends string, P extends TProperties>(type: N, fields: P) {
  return Type.Object({ type: Type.Literal(type), timestamp: Type.Number(), ...fields });
}

const Text = Type.String();

export const MemberInfo = Type.Object({
  id: Text,
  name: Text,
  isHost: Type.Boolean(),
  connectionStatus: ConnectionStatus,
  joinedAt: Type.Integer(),
  latency: Type.Optional(Type.Integer()),
});
export type MemberInfo = Static<typeof MemberInfo>;

export const Welcome = message('welcome', {
  clientId: Text,
  sessionInfo: Type.Object({ id: Text, name: Text, hostId: Text }),
});
export const MemberList = message('member_list', { members: Type.Array(MemberInfo) });
export const MemberJoined = message('member_joined', { member: MemberInfo });
export const MemberLeft = message('member_left', { memberId: Text, reason: Type.Optional(LeaveReason) });
export const Kicked = message('kicked', { reason: Text });
export const SessionClosed = message('session_closed', { reason: Type.Optional(Text) });
export const Pong = message('pong', {});

/** The last three are an extension, and told only to who uses one. */
export const errorCodes = [
  'session_not_found',
  'session_full',
  'already_joined',
  'invalid_message',
  'unauthorized',
  'version_mismatch',
  'unavailable',
  'internal',
] as const;
export type WireErrorCode = (typeof errorCodes)[number];

export const ErrorMessage = message('error', {
  code: Type.Union(errorCodes.map((code) => Type.Literal(code))),
  message: Text,
  details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type ErrorMessage = Static<typeof ErrorMessage>;

/** Extension: answers `auth`. */
export const AuthRenewed = message('auth_renewed', { expiresAt: Type.Integer() });

export const Down = Type.Union([
  Welcome,
  MemberList,
  MemberJoined,
  MemberLeft,
  Kicked,
  SessionClosed,
  Pong,
  ErrorMessage,
  AuthRenewed,
]);
export type Down = Static<typeof Down>;

/**
 * The same for connections that speak as the original app does. `payload` has the document's fields, and beside them those
 * that the app reads in their place.
 */
function nested<N extends string, P extends TProperties>(type: N, payload: P) {
  return Type.Object({ type: Type.Literal(type), timestamp: Type.Number(), payload: Type.Object(payload) });
}

export const NestedMember = Type.Object({
  id: Text,
  name: Text,
  isHost: Type.Boolean(),
  role: Type.Union([Type.Literal('host'), Type.Literal('client')]),
  connectionStatus: ConnectionStatus,
  joinedAt: Type.Integer(),
  lastSeen: Type.Integer(),
  /** Nobody is told where others are. */
  address: Type.Literal(''),
  latency: Type.Union([Type.Integer(), Type.Null()]),
});
export type NestedMember = Static<typeof NestedMember>;

export const nestedMessages = {
  WELCOME: nested('WELCOME', {
    clientId: Text,
    sessionInfo: Welcome.properties.sessionInfo,
    sessionId: Text,
    sessionName: Text,
    hostId: Text,
    hostName: Text,
    yourDeviceId: Text,
    connectedAt: Type.Integer(),
  }),
  MEMBER_LIST: nested('MEMBER_LIST', { members: Type.Array(NestedMember), totalCount: Type.Integer() }),
  MEMBER_JOINED: nested('MEMBER_JOINED', { member: NestedMember }),
  MEMBER_LEFT: nested('MEMBER_LEFT', {
    memberId: Text,
    deviceId: Text,
    deviceName: Text,
    reason: MemberLeft.properties.reason,
  }),
  KICKED: nested('KICKED', { reason: Text }),
  SESSION_CLOSED: nested('SESSION_CLOSED', { reason: Type.Optional(Text) }),
  PONG: nested('PONG', { timestamp: Type.Number(), pingTimestamp: Type.Number() }),
  ERROR: nested('ERROR', { code: Text, message: Text, details: ErrorMessage.properties.details }),
  AUTH_RENEWED: nested('AUTH_RENEWED', { expiresAt: Type.Integer() }),
} as const;

export const NestedDown = Type.Union([
  nestedMessages.WELCOME,
  nestedMessages.MEMBER_LIST,
  nestedMessages.MEMBER_JOINED,
  nestedMessages.MEMBER_LEFT,
  nestedMessages.KICKED,
  nestedMessages.SESSION_CLOSED,
  nestedMessages.PONG,
  nestedMessages.ERROR,
  nestedMessages.AUTH_RENEWED,
]);
export type NestedDown = Static<typeof NestedDown>;
