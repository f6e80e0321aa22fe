import { UserId } from '@parley/contracts';
import { Type, type Static, type TSchema } from '@sinclair/typebox';

/** What clients send. Unknown fields are ignored everywhere, so that newer clients can talk to older servers. */
function message<N extends string, D extends TSchema>(op: N, d: D) {
  return Type.Object({
    op: Type.Literal(op),
    /** Only what the server dispatches has a type; clients may write the field all the same. */
    t: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    d,
  });
}

export const Heartbeat = message('HEARTBEAT', Type.Optional(Type.Union([Type.Object({}), Type.Null()])));

/** `away` is what the clients of the original server call `idle`. */
export const ClientStatus = Type.Union([
  Type.Literal('online'),
  Type.Literal('idle'),
  Type.Literal('dnd'),
  Type.Literal('offline'),
  Type.Literal('away'),
]);

export const PresenceUpdate = message('PRESENCE_UPDATE', Type.Object({ status: ClientStatus }));

/** `signal` is any JSON value; without it, the original clients' fields beside `to_user_id` are the signal. */
export const VoiceSignal = message(
  'VOICE_SIGNAL',
  Type.Object({
    to_user_id: UserId,
    signal: Type.Optional(Type.Unknown()),
    type: Type.Optional(Type.Unknown()),
    sdp: Type.Optional(Type.Unknown()),
    candidate: Type.Optional(Type.Unknown()),
  }),
);

/** Extension: a fresh token for the same user. */
export const Auth = message('AUTH', Type.Object({ token: Type.String({ minLength: 1, maxLength: 8_192 }) }));

/** Every message, by its opcode. */
export const up = {
  HEARTBEAT: Heartbeat,
  PRESENCE_UPDATE: PresenceUpdate,
  VOICE_SIGNAL: VoiceSignal,
  AUTH: Auth,
} as const;
export type UpOpcode = keyof typeof up;

export type UpPresenceUpdate = Static<typeof PresenceUpdate>;
export type UpAuth = Static<typeof Auth>;

/** `signal` is byte for byte as the client wrote it. */
export interface UpVoiceSignal {
  readonly op: 'VOICE_SIGNAL';
  readonly toUserId: UserId;
  readonly signal: Uint8Array;
}

/** A client's message as the session handles it. */
export type UpMessage = Static<typeof Heartbeat> | UpPresenceUpdate | UpVoiceSignal | UpAuth;
