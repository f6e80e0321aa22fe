import { Type, type Static, type TSchema } from '@sinclair/typebox';

/** What the server sends. Times are ISO 8601, UTC, with milliseconds. */
const Time = Type.String({ description: 'ISO 8601' });
const TimeOrNull = Type.Union([Time, Type.Null()]);
const Text = Type.String();
const TextOrNull = Type.Union([Text, Type.Null()]);

function dispatch<N extends string, D extends TSchema>(t: N, d: D) {
  return Type.Object({ op: Type.Literal('DISPATCH'), t: Type.Literal(t), d });
}

/** Extension: `s` is the event's sequence, the point to resume from with `?since=`. */
function stored<N extends string, D extends TSchema>(t: N, d: D) {
  return Type.Object({ op: Type.Literal('DISPATCH'), t: Type.Literal(t), d, s: Type.Optional(Type.Integer()) });
}

export const HeartbeatAck = Type.Object({ op: Type.Literal('HEARTBEAT_ACK'), t: Type.Null(), d: Type.Null() });

const Status = Type.Union([Type.Literal('online'), Type.Literal('idle'), Type.Literal('dnd'), Type.Literal('offline')]);

export const Ready = dispatch(
  'READY',
  Type.Object({
    user: Type.Object({
      id: Text,
      username: Text,
      email: TextOrNull,
      avatar_url: TextOrNull,
      status: Status,
      created_at: Time,
    }),
    servers: Type.Array(
      Type.Object({
        id: Text,
        name: Text,
        description: TextOrNull,
        owner_id: Text,
        member_count: Type.Integer(),
        created_at: Time,
        /** Extension: what happened in this server after it will be dispatched. */
        sequence: Type.Integer(),
      }),
    ),
    /** Extension: what happened after it, in any of the servers, will be dispatched; what to resume from until an `s` comes. */
    sequence: Type.Integer(),
    /** Extension, with `?since=`: true when all that was missed follows, false when the client has to start afresh. */
    resumed: Type.Optional(Type.Boolean()),
  }),
);
export type Ready = Static<typeof Ready>;

/** `edited_at` is the original server's name of `updated_at`. */
const Message = Type.Object({
  id: Text,
  channel_id: Text,
  author_id: Text,
  content: Text,
  created_at: Time,
  updated_at: TimeOrNull,
  edited_at: TimeOrNull,
  reply_to: TextOrNull,
});
export type Message = Static<typeof Message>;

export const MessageCreate = stored('MESSAGE_CREATE', Message);
export const MessageUpdate = stored('MESSAGE_UPDATE', Message);
export const MessageDelete = stored('MESSAGE_DELETE', Type.Object({ id: Text, channel_id: Text }));

export const PresenceUpdate = stored('PRESENCE_UPDATE', Type.Object({ user_id: Text, status: Status }));

/** `self_mute` and `self_deaf` are the original server's names; what follows them is an extension. */
export const VoiceStateUpdate = stored(
  'VOICE_STATE_UPDATE',
  Type.Object({
    user_id: Text,
    channel_id: TextOrNull,
    muted: Type.Boolean(),
    deafened: Type.Boolean(),
    self_mute: Type.Boolean(),
    self_deaf: Type.Boolean(),
    username: Text,
    server_id: Text,
    joined_at: Time,
  }),
);
export type VoiceStateUpdate = Static<typeof VoiceStateUpdate>;

export const VoiceSignal = stored('VOICE_SIGNAL', Type.Object({ from_user_id: Text, signal: Type.Unknown() }));

export const errorCodes = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'too_large',
  'rate_limited',
  'unavailable',
  'internal',
] as const;
export type WireErrorCode = (typeof errorCodes)[number];

/** Extension: a message that was well-formed and could not be done. */
export const ErrorDispatch = dispatch(
  'ERROR',
  Type.Object({
    code: Type.Union(errorCodes.map((code) => Type.Literal(code))),
    message: Text,
    /** Of the message that failed. */
    op: Text,
    /** With `rate_limited`. */
    retry_after_ms: Type.Optional(Type.Integer()),
  }),
);
export type ErrorDispatch = Static<typeof ErrorDispatch>;

/** Extension: answers `AUTH`. */
export const AuthRenewed = dispatch('AUTH_RENEWED', Type.Object({ expires_at: Time }));

export const Down = Type.Union([
  HeartbeatAck,
  Ready,
  MessageCreate,
  MessageUpdate,
  MessageDelete,
  PresenceUpdate,
  VoiceStateUpdate,
  VoiceSignal,
  ErrorDispatch,
  AuthRenewed,
]);
export type Down = Static<typeof Down>;
