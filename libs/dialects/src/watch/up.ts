import { Type, type Static, type TProperties } from '@sinclair/typebox';

/** What clients send. Unknown fields are ignored everywhere, so that newer clients can talk to older servers. */
function message<N extends string, P extends TProperties>(type: N, payload: P) {
  return Type.Object({
    type: Type.Literal(type),
    request_id: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    /** ISO 8601, by the client's clock. */
    ts: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d(:\\d\\d([.,]\\d{1,9})?)?(Z|[+-]\\d\\d:?\\d\\d)$' }),
    payload: Type.Object(payload),
  });
}

/** Whatever it is: one that cannot be an id is the id of nothing. */
const AnyId = Type.String({ minLength: 1, maxLength: 128 });
const Token = Type.String({ minLength: 1, maxLength: 8_192 });

export const DeviceHello = message('hello', {
  device_id: AnyId,
  /** Extension: of devices that have one, unless it came with the upgrade. */
  key: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});
export const ViewerHello = message('hello', {
  /** Needed unless a token came with the upgrade. */
  token: Type.Optional(Token),
  /** Extension: the sessions that this client goes on with; without it, all that wait for its user. */
  sessions: Type.Optional(Type.Array(AnyId, { maxItems: 100 })),
});
export const Heartbeat = message('heartbeat', {});
export const DevicePresence = message('device_presence', {});
export const WatchRequest = message('watch_request', { device_id: AnyId });
export const EndWatch = message('end_watch', { session_id: AnyId });
/** Extension: a fresh token for the same user. */
export const Auth = message('auth', { token: Token });

/** `sdp` and `candidate` are passed on as they were written, further fields included. */
export const SignalOffer = message('signal_offer', {
  session_id: AnyId,
  sdp: Type.Object({ type: Type.Literal('offer'), sdp: Type.String() }),
});
export const SignalAnswer = message('signal_answer', {
  session_id: AnyId,
  sdp: Type.Object({ type: Type.Literal('answer'), sdp: Type.String() }),
});
export const SignalIce = message('signal_ice', {
  session_id: AnyId,
  /** Null: there are no more. */
  candidate: Type.Union([Type.Null(), Type.Object({ candidate: Type.String() })]),
});

/** Every message of each role, by its type. */
export const fromDevice = {
  hello: DeviceHello,
  heartbeat: Heartbeat,
  signal_answer: SignalAnswer,
  signal_ice: SignalIce,
  device_presence: DevicePresence,
} as const;
export const fromViewer = {
  hello: ViewerHello,
  heartbeat: Heartbeat,
  watch_request: WatchRequest,
  signal_offer: SignalOffer,
  signal_ice: SignalIce,
  end_watch: EndWatch,
  auth: Auth,
} as const;

/** A signal as the session handles it. */
export interface UpSignal {
  readonly type: 'signal';
  readonly requestId: string | undefined;
  readonly sessionId: string;
  readonly signal: 'offer' | 'answer' | 'ice';
  readonly body: Uint8Array;
}

export type UpDeviceHello = Static<typeof DeviceHello>;
export type UpViewerHello = Static<typeof ViewerHello>;
export type UpHeartbeat = Static<typeof Heartbeat>;
export type UpWatchRequest = Static<typeof WatchRequest>;
export type UpEndWatch = Static<typeof EndWatch>;
export type UpAuth = Static<typeof Auth>;

export interface UpPresence {
  readonly type: 'device_presence';
  readonly request_id?: string;
  readonly presence: Readonly<Record<string, unknown>>;
}

export type DeviceMessage = UpDeviceHello | UpHeartbeat | UpSignal | UpPresence;
export type ViewerMessage = UpViewerHello | UpHeartbeat | UpWatchRequest | UpSignal | UpEndWatch | UpAuth;
