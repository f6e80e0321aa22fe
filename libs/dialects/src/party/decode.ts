import { compile } from '@parley/contracts';
import type { Frame } from '../frame.js';
import { isRecord, parseJson } from '../json-text.js';
import { malformed, reader, same, type Malformed, type Reader } from '../reading.js';
import type { Form } from './encode.js';
import * as schemas from './up.js';
import type { UpMessage, UpType } from './up.js';
import { version } from './version.js';

/** `form`: how the frame was written, as far as could be seen. */
export type Decoded = { readonly form: Form } & ({ readonly kind: 'message'; readonly message: UpMessage } | Malformed);

/** What the original app calls the document's version. */
const APP_VERSION = '1.0.0';
const FROM_SERVER = new Set([
  ...['welcome', 'member_joined', 'member_left', 'kicked', 'session_closed', 'pong', 'error', 'auth_renewed'],
]);

const nestedCheck = compile(schemas.Nested);
const bytes = (): Uint8Array => new Uint8Array();

const readers: Record<UpType, Reader<UpMessage>> = {
  join: reader(schemas.Join, same),
  leave: reader(schemas.Leave, same),
  heartbeat: reader(schemas.Heartbeat, same),
  ping: reader(schemas.Ping, same),
  member_list: reader(schemas.MemberListRequest, same),
  kick: reader(schemas.Kick, same),
  close_session: reader(schemas.CloseSession, same),
  auth: reader(schemas.Auth, same),
};

/** Never throws, whatever the frame. */
export function decode({ data, binary }: Frame): Decoded {
  if (binary) return { form: 'flat', ...malformed('frame', 'binary frames have no meaning here') };
  const value = parseJson(data);
  if (value === undefined) return { form: 'flat', ...malformed('frame', 'is not JSON') };
  if (!isRecord(value)) return { form: 'flat', ...malformed('frame', 'a message is a JSON object') };
  const type = value['type'];
  if (typeof type !== 'string') return { form: 'flat', ...malformed('type', 'is required, as a string') };
  const isNested = /^[A-Z][A-Z_]*$/.test(type);
  const form: Form = isNested ? 'nested' : 'flat';
  const built = isNested ? fromNested(value, type) : build(value, type);
  return 'kind' in built ? { form, ...built } : { form, kind: 'message', message: built };
}

function build(value: Record<string, unknown>, type: string): UpMessage | Malformed {
  if (isUpType(type)) return readers[type](value, bytes);
  if (FROM_SERVER.has(type)) return malformed('type', `${type} is for the server to send`);
  return malformed('type', `unknown type ${JSON.stringify(type.slice(0, 64))}`);
}

/** As the original app writes it: read as the flat message that it means. */
function fromNested(value: Record<string, unknown>, type: string): UpMessage | Malformed {
  if (!nestedCheck.is(value)) {
    const { field, message } = nestedCheck.explain(value);
    return malformed(field, message);
  }
  const { timestamp, payload = {} } = value;
  const flat = { ...payload, type: type.toLowerCase(), timestamp };
  const built = build(type === 'JOIN' ? { ...flat, ...joinOf(payload) } : flat, flat.type);
  if ('kind' in built) return built.field === 'type' || built.field === 'timestamp' ? built : nestedField(built);
  // What the app measures with is the time inside.
  if (built.type === 'ping' && typeof payload.timestamp === 'number') return { ...built, timestamp: payload.timestamp };
  return built;
}

function joinOf(payload: Record<string, unknown>): Record<string, unknown> {
  const { deviceInfo, deviceId, deviceName, protocolVersion, version: appVersion } = payload;
  const named = protocolVersion ?? (appVersion === APP_VERSION ? version : appVersion);
  return {
    deviceInfo: deviceInfo ?? { id: deviceId, name: deviceName, type: 'client' },
    ...(named === undefined ? {} : { protocolVersion: named }),
  };
}

/** The path as the client wrote it. */
function nestedField({ field, message }: Malformed): Malformed {
  return malformed(`payload.${field}`, message);
}

function isUpType(type: string): type is UpType {
  return Object.hasOwn(schemas.up, type);
}
