import type { Frame } from '../frame.js';
import { concat, isRecord, parseJson } from '../json-text.js';
import { rawMember } from '../raw-json.js';
import { malformed, reader, same, type Bytes, type Malformed, type Reader } from '../reading.js';
import * as schemas from './up.js';
import type { UpMessage, UpOpcode } from './up.js';

export type Decoded = { readonly kind: 'message'; readonly message: UpMessage } | Malformed;

const encoder = new TextEncoder();
const FLAT_SIGNAL = ['type', 'sdp', 'candidate'] as const;
const FROM_SERVER = new Set(['DISPATCH', 'HEARTBEAT_ACK']);

const readers: Record<UpOpcode, Reader<UpMessage>> = {
  HEARTBEAT: reader(schemas.Heartbeat, same),
  PRESENCE_UPDATE: reader(schemas.PresenceUpdate, same),
  VOICE_SIGNAL: reader(schemas.VoiceSignal, ({ op, d }, bytes) => {
    const json = bytes();
    const signal = rawMember(json, ['d', 'signal']) ?? (typeof d.type === 'string' ? flatSignal(json) : undefined);
    return signal === undefined ? malformed('d.signal', 'is required') : { op, toUserId: d.to_user_id, signal };
  }),
  AUTH: reader(schemas.Auth, same),
};

/** Never throws, whatever the frame. */
export function decode({ data, binary }: Frame): Decoded {
  if (binary) return malformed('frame', 'binary frames have no meaning here');
  const value = parseJson(data);
  if (value === undefined) return malformed('frame', 'is not JSON');
  if (!isRecord(value)) return malformed('frame', 'a message is a JSON object');
  const built = build(value, () => (typeof data === 'string' ? encoder.encode(data) : data));
  return 'kind' in built ? built : { kind: 'message', message: built };
}

function build(value: Record<string, unknown>, bytes: Bytes): UpMessage | Malformed {
  const op = value['op'];
  if (typeof op !== 'string') return malformed('op', 'is required, as a string');
  if (isUpOpcode(op)) return readers[op](value, bytes);
  if (FROM_SERVER.has(op)) return malformed('op', `${op} is for the server to send`);
  return malformed('op', `unknown opcode ${JSON.stringify(op.slice(0, 64))}`);
}

/** As the document shapes it, each value as it was written. */
function flatSignal(json: Uint8Array): Uint8Array {
  const members = FLAT_SIGNAL.flatMap((key) => {
    const raw = rawMember(json, ['d', key]);
    return raw === undefined ? [] : [{ key, raw }];
  });
  const parts = members.flatMap(({ key, raw }, index) => [encoder.encode(`${index === 0 ? '{' : ','}"${key}":`), raw]);
  return concat([...parts, encoder.encode('}')]);
}

function isUpOpcode(op: string): op is UpOpcode {
  return Object.hasOwn(schemas.up, op);
}
