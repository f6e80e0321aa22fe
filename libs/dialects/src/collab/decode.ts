import { isDeeper, isTextDeeper, MAX_DEPTH } from '../depth.js';
import type { Frame } from '../frame.js';
import { isRecord, parseJson } from '../json-text.js';
import { rawElements, rawMember } from '../raw-json.js';
import { malformed, reader, same, type Bytes, type Malformed, type Reader } from '../reading.js';
import * as schemas from './up.js';
import type { UpBinary, UpMessage, UpText, UpType } from './up.js';

/** `messageId` where an id can be read. */
export interface Bad extends Malformed {
  readonly messageId?: string;
}
export type Decoded = { readonly kind: 'message'; readonly message: UpMessage } | Bad;
export type DecodedText = { readonly kind: 'message'; readonly message: UpText } | Bad;

const SHORT_BYTES = 18;
const LONG_BYTES = 26;
const CURSOR = 1;
const SELECTION = 2;
/** A document may be nested more deeply than what the server writes itself, and an operation follows its document. */
export const MAX_OPERATION_DEPTH = 100;
/** Of a message and a batch, around an operation. */
const AROUND_DEPTH = 10;
/** What is shorter than this is parsed in a few ms however deep it is nested. */
const PARSED_AT_ONCE_BYTES = 65_536;
const MAX_ID_LENGTH = 64;

const encoder = new TextEncoder();

const readers: Record<UpType, Reader<UpText>> = {
  connect: reader(schemas.Connect, same),
  join_room: reader(schemas.JoinRoom, same),
  leave_room: reader(schemas.LeaveRoom, same),
  cursor_move: reader(schemas.CursorMove, ({ type, payload, ...rest }) => {
    const { x, y, viewportX, viewportY, timestamp } = payload;
    return { type, ...head(rest), cursor: { x, y, viewport: { x: viewportX, y: viewportY }, timestamp } };
  }),
  selection_change: reader(schemas.SelectionChange, ({ type, payload, ...rest }, bytes) => {
    if (isDeeper(payload.ranges, MAX_DEPTH)) return malformed('payload.ranges', 'is nested too deeply');
    const ranges = rawMember(bytes(), ['payload', 'ranges']);
    if (ranges === undefined) return malformed('payload.ranges', 'is required');
    if (ranges.length > schemas.MAX_RANGES_BYTES) return malformed('payload.ranges', 'is too large');
    return { type, ...head(rest), ranges, color: payload.color };
  }),
  operation: reader(schemas.Operation, ({ type, payload, ...rest }, bytes) => {
    if (isDeeper(payload.operation, MAX_OPERATION_DEPTH)) return malformed('payload.operation', 'is nested too deeply');
    const operation = rawMember(bytes(), ['payload', 'operation']);
    if (operation === undefined) return malformed('payload.operation', 'is required');
    if (operation.length > schemas.MAX_OPERATION_BYTES) {
      return malformed('payload.operation', `has ${schemas.MAX_OPERATION_BYTES} bytes at most`);
    }
    return { type, ...head(rest), operation, version: payload.version, checksum: payload.checksum };
  }),
  ping: reader(schemas.Ping, same),
  batch: reader(schemas.Batch, ({ type, payload: { messages, compressed }, ...rest }, bytes) => {
    if (!compressed) {
      const items = typeof messages === 'string' ? undefined : itemsOf(rawMember(bytes(), ['payload', 'messages']));
      return items === undefined
        ? malformed('payload.messages', 'expected an array, since it is not compressed')
        : { type, ...head(rest), items };
    }
    const packed = typeof messages === 'string' ? fromBase64(messages) : undefined;
    return packed === undefined
      ? malformed('payload.messages', 'expected base64, since it is compressed')
      : { type: 'packed_batch', ...head(rest), packed };
  }),
  auth: reader(schemas.Auth, same),
};

/** Never throws, whatever the frame. */
export function decode({ data, binary }: Frame): Decoded {
  return binary ? decodeBinary(typeof data === 'string' ? encoder.encode(data) : data) : decodeText(data);
}

export function decodeText(data: string | Uint8Array): DecodedText {
  if (data.length > PARSED_AT_ONCE_BYTES && isTooDeep(data)) return malformed('frame', 'is nested too deeply');
  const value = parseJson(data);
  if (value === undefined) return malformed('frame', 'The frame is not JSON');
  if (!isRecord(value)) return malformed('frame', 'A message is a JSON object');
  const built = build(value, () => (typeof data === 'string' ? encoder.encode(data) : data));
  if (!('kind' in built)) return { kind: 'message', message: built };
  const id = value['id'];
  return typeof id === 'string' && id.length <= MAX_ID_LENGTH ? { ...built, messageId: id } : built;
}

function build(value: Record<string, unknown>, bytes: Bytes): UpText | Malformed {
  const type = value['type'];
  if (typeof type !== 'string') return malformed('type', 'type is required, as a string');
  if (isUpType(type)) return readers[type](value, bytes);
  return malformed('type', `Unknown message type ${JSON.stringify(type.slice(0, 64))}`);
}

function isTooDeep(json: string | Uint8Array): boolean {
  return isTextDeeper(typeof json === 'string' ? encoder.encode(json) : json, MAX_OPERATION_DEPTH + AROUND_DEPTH);
}

/** What a compressed batch held. */
export function unpackBatch(json: Uint8Array): readonly Uint8Array[] | Malformed {
  if (isTooDeep(json)) return malformed('payload.messages', 'is nested too deeply');
  const value = parseJson(json);
  if (!Array.isArray(value)) return malformed('payload.messages', 'does not hold a JSON array');
  if (value.length === 0 || value.length > schemas.MAX_BATCH) {
    return malformed('payload.messages', `expected 1 to ${schemas.MAX_BATCH} messages`);
  }
  return itemsOf(json) ?? malformed('payload.messages', 'does not hold a JSON array');
}

/**
 * Network order: uint16 type, uint32 user, float32 X and Y, uint32 timestamp, and float32 viewport X and Y or nothing. Of
 * the user the server takes no notice: it knows whose connection this is.
 */
export function decodeBinary(data: Uint8Array): { readonly kind: 'message'; readonly message: UpBinary } | Malformed {
  if (data.length !== SHORT_BYTES && data.length !== LONG_BYTES) {
    return malformed('frame', `A binary frame has ${SHORT_BYTES} or ${LONG_BYTES} bytes, not ${data.length}`);
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const type = view.getUint16(0);
  const [x, y] = [view.getFloat32(6), view.getFloat32(10)];
  if (!Number.isFinite(x)) return malformed('frame.x', 'expected a number');
  if (!Number.isFinite(y)) return malformed('frame.y', 'expected a number');
  if (type === SELECTION) return { kind: 'message', message: { type: 'binary_selection', anchor: x, head: y } };
  if (type !== CURSOR) return malformed('frame.type', `Unknown binary type ${type}`);
  const timestamp = view.getUint32(14);
  if (data.length === SHORT_BYTES) return { kind: 'message', message: binaryCursor({ x, y, timestamp }) };
  const viewport = { x: view.getFloat32(18), y: view.getFloat32(22) };
  if (!Number.isFinite(viewport.x)) return malformed('frame.viewportX', 'expected a number');
  if (!Number.isFinite(viewport.y)) return malformed('frame.viewportY', 'expected a number');
  return { kind: 'message', message: binaryCursor({ x, y, viewport, timestamp }) };
}

function binaryCursor(cursor: schemas.Cursor): UpBinary {
  return { type: 'binary_cursor', cursor };
}

/** Optional fields that are absent stay so. */
function head({ id, roomId, acknowledgment }: Pick<schemas.UpPing, 'id' | 'roomId' | 'acknowledgment'>) {
  return {
    id,
    ...(roomId === undefined ? {} : { roomId }),
    ...(acknowledgment === undefined ? {} : { acknowledgment }),
  };
}

function itemsOf(json: Uint8Array | undefined): readonly Uint8Array[] | undefined {
  return json === undefined ? undefined : rawElements(json);
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    const decoded = atob(text);
    const bytes = new Uint8Array(decoded.length);
    for (let i = 0; i < decoded.length; i++) bytes[i] = decoded.charCodeAt(i);
    return bytes;
  } catch {
    return undefined;
  }
}

function isUpType(type: string): type is UpType {
  return Object.hasOwn(schemas.up, type);
}
