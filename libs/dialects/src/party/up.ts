import { DeviceInfo } from '@parley/contracts';
import { Type, type Static, type TProperties } from '@sinclair/typebox';

/** What clients send. Unknown fields are ignored everywhere, so that newer clients can talk to older servers. */
function message<N extends string, P extends TProperties>(type: N, fields: P) {
  return Type.Object({
    type: Type.Literal(type),
    /** ms since 1970, by the client's clock. */
    timestamp: Type.Number(),
    ...fields,
  });
}

const Reason = Type.Optional(Type.String({ maxLength: 200 }));
const Token = Type.String({ minLength: 1, maxLength: 8_192 });

export const Join = message('join', {
  /** Whatever it is: one that cannot be an id is the id of no session. */
  sessionId: Type.String({ maxLength: 128 }),
  deviceInfo: DeviceInfo,
  /** Extension: what the client speaks; compared before anything else is looked at. */
  protocolVersion: Type.Optional(Type.Unknown()),
  /** Extension: the host token, or an access token, for clients that can give none with the upgrade. */
  token: Type.Optional(Token),
});
export const Leave = message('leave', { reason: Reason });
export const Heartbeat = message('heartbeat', {});
export const Ping = message('ping', {});

/** Extension: answered with the list as it is now. */
export const MemberListRequest = message('member_list', {});
/** Extension, for hosts. */
export const Kick = message('kick', { memberId: Type.String({ minLength: 1, maxLength: 128 }), reason: Reason });
/** Extension, for hosts. */
export const CloseSession = message('close_session', { reason: Reason });
/** Extension: a fresh token for the same user. */
export const Auth = message('auth', { token: Token });

/** Every message, by its type. */
export const up = {
  join: Join,
  leave: Leave,
  heartbeat: Heartbeat,
  ping: Ping,
  member_list: MemberListRequest,
  kick: Kick,
  close_session: CloseSession,
  auth: Auth,
} as const;
export type UpType = keyof typeof up;

export type UpJoin = Static<typeof Join>;
export type UpKick = Static<typeof Kick>;
export type UpCloseSession = Static<typeof CloseSession>;
export type UpAuth = Static<typeof Auth>;
export type UpPing = Static<typeof Ping>;

/** A client's message as the session handles it, whatever form it came in. */
export type UpMessage =
  | UpJoin
  | Static<typeof Leave>
  | Static<typeof Heartbeat>
  | UpPing
  | Static<typeof MemberListRequest>
  | UpKick
  | UpCloseSession
  | UpAuth;

/**
 * How the original app writes the same: types in upper case, everything else in `payload`. Of a join it gives the device as
 * `deviceId` and `deviceName`, never as a host, and the version as `version`.
 */
export const Nested = Type.Object({
  type: Type.String({ pattern: '^[A-Z_]{1,32}$' }),
  timestamp: Type.Number(),
  payload: Type.Optional(
    Type.Object({
      deviceId: Type.Optional(Type.Unknown()),
      deviceName: Type.Optional(Type.Unknown()),
      version: Type.Optional(Type.Unknown()),
      timestamp: Type.Optional(Type.Unknown()),
    }),
  ),
});
