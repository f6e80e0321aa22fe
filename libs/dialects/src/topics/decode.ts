import { isDeeper, MAX_DEPTH } from '../depth.js';
import type { Frame } from '../frame.js';
import { isRecord, parseJson } from '../json-text.js';
import { rawElements, rawMember } from '../raw-json.js';
import { malformed, reader, same, type Bytes, type Malformed as Misread, type Reader } from '../reading.js';
import * as schemas from './up.js';
import type { BinaryType, UpBinary, UpMessage, UpType } from './up.js';

/** `messageId`: that of the message, where it has a readable one. */
export interface Malformed extends Misread {
  readonly messageId?: string;
}

export type Decoded = { readonly kind: 'message'; readonly message: UpMessage } | Malformed;

const HEADER_BYTES = 5;
const PAYLOAD = ['data', 'payload'];
const MESSAGES = ['data', 'messages'];

const encoder = new TextEncoder();

const readers: Record<UpType, Reader<UpMessage>> = {
  Ping: reader(schemas.Ping, same),
  Pong: reader(schemas.Pong, same),
  Subscribe: reader(schemas.Subscribe, (frame) => {
    const known = new Set<string>(frame.data.topics);
    const stray = Object.keys(frame.data.recover ?? {}).find((topic) => !known.has(topic));
    return stray === undefined ? frame : malformed(`data.recover.${stray}`, 'is not among the topics');
  }),
  Unsubscribe: reader(schemas.Unsubscribe, same),
  Broadcast: reader(schemas.Broadcast, ({ type, id, data, metadata }, bytes) => {
    const payload = rawMember(bytes(), PAYLOAD);
    if (payload === undefined) return malformed('data.payload', 'is required');
    return { type, id, topic: data.topic, payload, metadata };
  }),
  DirectMessage: reader(schemas.DirectMessage, ({ type, id, data, metadata }, bytes) => {
    const payload = rawMember(bytes(), PAYLOAD);
    if (payload === undefined) return malformed('data.payload', 'is required');
    return { type, id, targetUser: data.target_user, payload, metadata, ttl: metadata?.ttl };
  }),
  Presence: reader(schemas.Presence, (frame) =>
    isDeeper(frame.data.metadata, MAX_DEPTH) ? malformed('data.metadata', 'is nested too deeply') : frame,
  ),
  History: reader(schemas.History, same),
  Auth: reader(schemas.Auth, same),
  BinaryRoute: reader(schemas.BinaryRoute, (frame) =>
    frame.data.topic !== undefined && frame.data.target_user !== undefined
      ? malformed('data.target_user', 'a route has a topic or a user, not both')
      : frame,
  ),
  Batch: reader(schemas.Batch, (frame, bytes) => {
    const raw = rawMember(bytes(), MESSAGES);
    const items = raw === undefined ? undefined : rawElements(raw);
    if (items === undefined) return malformed('data.messages', 'expected an array');
    return { type: 'Batch', id: frame.id, items };
  }),
};

const readExtension: Reader<UpMessage> = reader(schemas.Extension, (frame) =>
  isDeeper(frame.data, MAX_DEPTH)
    ? malformed('data', 'is nested too deeply')
    : { type: 'Extension', id: frame.id, name: frame.type, data: frame.data },
);

/** Never throws, whatever the frame. */
export function decode(frame: Frame): Decoded {
  if (frame.binary) return decodeBinary(typeof frame.data === 'string' ? encoder.encode(frame.data) : frame.data);
  return decodeText(frame.data);
}

export function decodeText(data: string | Uint8Array): Decoded {
  const value = parseJson(data);
  if (value === undefined) return malformed('frame', 'The frame is not JSON');
  if (!isRecord(value)) return malformed('frame', 'A message is a JSON object');
  const built = build(value, () => (typeof data === 'string' ? encoder.encode(data) : data));
  if (!('kind' in built)) return { kind: 'message', message: built };
  const id = value['id'];
  return typeof id === 'string' && id.length <= schemas.MAX_ID_LENGTH ? { ...built, messageId: id } : built;
}

function build(value: Record<string, unknown>, bytes: Bytes): UpMessage | Misread {
  const type = value['type'];
  if (typeof type !== 'string') return malformed('type', 'type is required, as a string');
  if (isDeeper(value['metadata'], MAX_DEPTH)) return malformed('metadata', 'is nested too deeply');
  if (isUpType(type)) return readers[type](value, bytes);
  if (type.startsWith('X-')) return readExtension(value, bytes);
  return malformed('type', `Unknown message type ${JSON.stringify(type.slice(0, 64))}`);
}

/** One byte of type, the payload's length as uint32 in network order, the payload. */
export function decodeBinary(data: Uint8Array): Decoded {
  if (data.length < HEADER_BYTES) return malformed('frame', `A binary frame has ${HEADER_BYTES} bytes at least`);
  const format = binaryTypes[data[0] ?? 0];
  if (format === undefined) return malformed('frame.type', `Unknown binary type ${String(data[0])}`);
  const length = new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(1);
  const body = data.subarray(HEADER_BYTES);
  if (length !== body.length) {
    return malformed('frame.length', `The header says ${length} bytes of payload, the frame has ${body.length}`);
  }
  const message: UpBinary = { type: 'Binary', id: undefined, format, body };
  return { kind: 'message', message };
}

const binaryTypes: Readonly<Record<number, BinaryType>> = {
  1: 'broadcast',
  2: 'direct_message',
  3: 'file_transfer',
  4: 'stream_data',
};

export const binaryTypeByte: Readonly<Record<BinaryType, number>> = {
  broadcast: 1,
  direct_message: 2,
  file_transfer: 3,
  stream_data: 4,
};

function isUpType(type: string): type is UpType {
  return Object.hasOwn(schemas.up, type);
}
