import type { Down } from '@parley/dialects/watch/down';
import {
  isAnything,
  isRecord,
  isString,
  list,
  literal,
  map,
  nullable,
  optional,
  parseJson,
  shape,
  type Check,
} from '../transport/check.js';
import { ParleyError, type ParleyErrorCode } from '../transport/parley-error.js';
import type { Description } from './peer-connection.js';

type Payload<T extends Down['type']> = Extract<Down, { type: T }>['payload'];

export type IceServers = Payload<'watch_ready'>['ice_servers'];
/** How the server ends a session. */
export type WatchEndReason = Payload<'watch_ended'>['reason'];
/** What a device says of itself. */
export type DevicePresence = Readonly<Record<string, unknown>>;

interface Payloads {
  /** A device's has its `device_id`, a viewer's the `user_id`. */
  readonly hello_ack: { readonly server_time: string; readonly user_id?: string | undefined };
  readonly watch_request: Payload<'watch_request'>;
  readonly watch_ready: Payload<'watch_ready'>;
  readonly watch_ended: Payload<'watch_ended'>;
  readonly signal_offer: { readonly session_id: string; readonly sdp: Description };
  readonly signal_answer: { readonly session_id: string; readonly sdp: Description };
  readonly signal_ice: { readonly session_id: string; readonly candidate: RTCIceCandidateInit | null };
  readonly device_presence: Payload<'device_presence'>;
  readonly error: Payload<'error'>;
}

type Types = keyof Payloads;

/** A message whose payload fits its type. */
export type Told = {
  readonly [T in Types]: { readonly type: T; readonly requestId: string | undefined; readonly payload: Payloads[T] };
}[Types];

const isSessionId = (value: unknown): value is Payload<'watch_request'>['session_id'] => typeof value === 'string';

const iceServers = list(
  shape<IceServers[number]>({
    urls: (value): value is string | string[] => isString(value) || list(isString)(value),
    username: optional(isString),
    credential: optional(isString),
    credentialType: optional(literal('password')),
  }),
);

const candidate: Check<RTCIceCandidateInit> = (value): value is RTCIceCandidateInit =>
  isRecord(value) && isString(value['candidate']);

const checks: { readonly [T in Types]: Check<Payloads[T]> } = {
  hello_ack: shape<Payloads['hello_ack']>({ server_time: isString, user_id: optional(isString) }),
  watch_request: shape<Payloads['watch_request']>({
    session_id: isSessionId,
    user_id: isString,
    ice_servers: iceServers,
  }),
  watch_ready: shape<Payloads['watch_ready']>({ session_id: isSessionId, ice_servers: iceServers }),
  watch_ended: shape<Payloads['watch_ended']>({
    session_id: isSessionId,
    reason: literal('viewer_disconnected', 'device_disconnected', 'user_ended', 'timeout', 'error'),
  }),
  signal_offer: shape<Payloads['signal_offer']>({
    session_id: isString,
    sdp: shape<Description>({ type: literal('offer'), sdp: isString }),
  }),
  signal_answer: shape<Payloads['signal_answer']>({
    session_id: isString,
    sdp: shape<Description>({ type: literal('answer'), sdp: isString }),
  }),
  signal_ice: shape<Payloads['signal_ice']>({ session_id: isString, candidate: nullable(candidate) }),
  device_presence: shape<Payloads['device_presence']>({ device_id: isString, presence: map(isAnything) }),
  error: shape<Payloads['error']>({ message: isString }),
};

/** Undefined for acknowledgments that nobody waits for, and for what this client does not know. */
export function toldBy(text: string): Told | undefined {
  const value = parseJson(text);
  if (!isRecord(value)) return undefined;
  const told = { ...value, requestId: value['request_id'] };
  return isTold(told) ? told : undefined;
}

function isTold(value: Readonly<Record<string, unknown>>): value is Told & Readonly<Record<string, unknown>> {
  const { type, requestId, payload }: Readonly<Record<string, unknown>> = value;
  if (!optional(isString)(requestId)) return false;
  return typeof type === 'string' && isKnown(type) && checks[type](payload);
}

function isKnown(type: string): type is Types {
  return Object.hasOwn(checks, type);
}

/** The dialect has texts instead of codes; all others name what did not fit. */
const codeOf: ReadonlyMap<string, ParleyErrorCode> = new Map([
  ['Device not found', 'not_found'],
  ['Device is offline', 'unavailable'],
  ['Session not found', 'not_found'],
  ['Invalid token', 'unauthorized'],
  ['Unauthorized', 'forbidden'],
  ['Too many viewers', 'limit_exceeded'],
  ['Internal error', 'internal'],
]);
const TRY_AGAIN = 'try again later';

/** The server itself could not; that a device is not there is another matter. */
export function isPassing({ message }: ParleyError): boolean {
  return message.includes(TRY_AGAIN);
}

export function errorOf({ message }: Payloads['error']): ParleyError {
  return new ParleyError(message.includes(TRY_AGAIN) ? 'unavailable' : (codeOf.get(message) ?? 'invalid'), message);
}
