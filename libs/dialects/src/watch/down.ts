import { IceServer, WatchEndReason } from '@parley/contracts';
import { Type, type Static, type TProperties } from '@sinclair/typebox';

/** What the server sends. Times are ISO 8601; `request_id` is that of the message which is answered. */
function message<N extends string, P extends TProperties>(type: N, payload: P) {
  return Type.Object({
    type: Type.Literal(type),
    request_id: Type.Optional(Type.String()),
    ts: Text,
    payload: Type.Object(payload),
  });
}

const Text = Type.String();

export const DeviceHelloAck = message('hello_ack', { device_id: Text, server_time: Text });
export const ViewerHelloAck = message('hello_ack', { user_id: Text, server_time: Text });
export const HeartbeatAck = message('heartbeat_ack', {});
export const WatchRequested = message('watch_request', {
  session_id: Text,
  user_id: Text,
  ice_servers: Type.Array(IceServer),
});
export const WatchReady = message('watch_ready', { session_id: Text, ice_servers: Type.Array(IceServer) });
export const WatchEnded = message('watch_ended', { session_id: Text, reason: WatchEndReason });
export const ErrorMessage = message('error', { message: Text });

/** Written around the bytes of `sdp` or `candidate`. */
export const SignalOffer = message('signal_offer', { session_id: Text, sdp: Type.Unknown() });
export const SignalAnswer = message('signal_answer', { session_id: Text, sdp: Type.Unknown() });
export const SignalIce = message('signal_ice', { session_id: Text, candidate: Type.Unknown() });

/** Extension, to the viewers of the device. */
export const PresenceTold = message('device_presence', {
  device_id: Text,
  presence: Type.Record(Type.String(), Type.Unknown()),
});
/** Extension: answers `auth`. */
export const AuthAck = message('auth_ack', { expires_at: Text });

/** What is built whole. */
export const Built = Type.Union([
  DeviceHelloAck,
  ViewerHelloAck,
  HeartbeatAck,
  WatchRequested,
  WatchReady,
  WatchEnded,
  ErrorMessage,
  PresenceTold,
  AuthAck,
]);
export type Built = Static<typeof Built>;

export const Down = Type.Union([Built, SignalOffer, SignalAnswer, SignalIce]);
export type Down = Static<typeof Down>;
