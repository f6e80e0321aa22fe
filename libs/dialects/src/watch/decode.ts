import { isDeeper, MAX_DEPTH } from '../depth.js';
import type { Frame } from '../frame.js';
import { isRecord, parseJson } from '../json-text.js';
import { rawMember } from '../raw-json.js';
import { malformed, reader, same, type Bytes, type Malformed, type Reader } from '../reading.js';
import type { Role } from './handshake.js';
import * as schemas from './up.js';
import type { DeviceMessage, UpSignal, ViewerMessage } from './up.js';

/** `requestId`: of the frame, as far as it could be read. */
export type Decoded<M> = { readonly requestId: string | undefined } & (
  { readonly kind: 'message'; readonly message: M } | Malformed
);

const encoder = new TextEncoder();
const FROM_SERVER = new Set(['hello_ack', 'heartbeat_ack', 'watch_ready', 'watch_ended', 'error', 'auth_ack']);
const otherRole: Record<Role, ReadonlySet<string>> = {
  device: new Set(Object.keys(schemas.fromViewer)),
  viewer: new Set(Object.keys(schemas.fromDevice)),
};

/** The fields that every signal has, and the bytes of what it passes on. */
function signal(
  { request_id, payload }: { readonly request_id?: string; readonly payload: { readonly session_id: string } },
  type: UpSignal['signal'],
  field: 'sdp' | 'candidate',
  bytes: Bytes,
): UpSignal | Malformed {
  const body = rawMember(bytes(), ['payload', field]);
  if (body === undefined) return malformed(`payload.${field}`, 'is required');
  return { type: 'signal', requestId: request_id, sessionId: payload.session_id, signal: type, body };
}

const ice: Reader<UpSignal> = reader(schemas.SignalIce, (frame, bytes) => signal(frame, 'ice', 'candidate', bytes));

const ofDevice = readers<DeviceMessage>({
  hello: reader(schemas.DeviceHello, same),
  heartbeat: reader(schemas.Heartbeat, same),
  signal_answer: reader(schemas.SignalAnswer, (frame, bytes) => signal(frame, 'answer', 'sdp', bytes)),
  signal_ice: ice,
  device_presence: reader(schemas.DevicePresence, ({ type, request_id, payload }) =>
    isDeeper(payload, MAX_DEPTH)
      ? malformed('payload', 'is nested too deeply')
      : { type, ...(request_id === undefined ? {} : { request_id }), presence: { ...payload } },
  ),
} satisfies Record<keyof typeof schemas.fromDevice, Reader<DeviceMessage>>);

const ofViewer = readers<ViewerMessage>({
  hello: reader(schemas.ViewerHello, same),
  heartbeat: reader(schemas.Heartbeat, same),
  watch_request: reader(schemas.WatchRequest, same),
  signal_offer: reader(schemas.SignalOffer, (frame, bytes) => signal(frame, 'offer', 'sdp', bytes)),
  signal_ice: ice,
  end_watch: reader(schemas.EndWatch, same),
  auth: reader(schemas.Auth, same),
} satisfies Record<keyof typeof schemas.fromViewer, Reader<ViewerMessage>>);

function readers<M>(byType: Readonly<Record<string, Reader<M>>>): ReadonlyMap<string, Reader<M>> {
  return new Map(Object.entries(byType));
}

/** Never throws, whatever the frame. */
export function decodeDevice(frame: Frame): Decoded<DeviceMessage> {
  return decode(frame, 'device', ofDevice);
}

export function decodeViewer(frame: Frame): Decoded<ViewerMessage> {
  return decode(frame, 'viewer', ofViewer);
}

function decode<M>({ data, binary }: Frame, role: Role, readers: ReadonlyMap<string, Reader<M>>): Decoded<M> {
  const unread = { requestId: undefined };
  if (binary) return { ...unread, ...malformed('frame', 'binary frames have no meaning here') };
  const value = parseJson(data);
  if (value === undefined) return { ...unread, ...malformed('frame', 'is not JSON') };
  if (!isRecord(value)) return { ...unread, ...malformed('frame', 'a message is a JSON object') };
  const { request_id: id, type } = value;
  const requestId = typeof id === 'string' && id !== '' && id.length <= 128 ? id : undefined;
  if (typeof type !== 'string') return { requestId, ...malformed('type', 'is required, as a string') };
  const read = readers.get(type);
  if (read === undefined) return { requestId, ...malformed('type', unknownType(type, role)) };
  const built = read(value, () => (typeof data === 'string' ? encoder.encode(data) : data));
  return isMalformed(built) ? { requestId, ...built } : { requestId, kind: 'message', message: built };
}

function unknownType(type: string, role: Role): string {
  if (otherRole[role].has(type)) return `${type} is for ${role === 'device' ? 'viewers' : 'devices'} to send`;
  if (FROM_SERVER.has(type)) return `${type} is for the server to send`;
  return `unknown type ${JSON.stringify(type.slice(0, 64))}`;
}

function isMalformed(built: unknown): built is Malformed {
  return isRecord(built) && built['kind'] === 'malformed';
}
