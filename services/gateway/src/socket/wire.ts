import type { Compression, Frame } from '@parley/dialects';
import { constants, deflateRawSync } from 'node:zlib';
import type { RawData } from 'ws';

const FIN_TEXT = 0x81;
const FIN_BINARY = 0x82;
const FIN_PONG = 0x8a;
const MAX_REASON_BYTES = 123;
/** RFC 7692: the message is compressed. */
const RSV1 = 0x40;
/** What a flush of deflate ends with, and RFC 7692 §7.2.1 leaves out. */
const FLUSH_TAIL = 4;
/**
 * Compressed here and now, since a frame must not be overtaken by those behind it; beyond this size, which takes some 2 ms,
 * everyone else would wait for it, and it goes as it is.
 */
const MAX_DEFLATED_AT_ONCE = 128 * 1024;

/**
 * A complete server-to-client WebSocket message (RFC 6455 §5.2, unmasked, unfragmented) in one buffer, so that any number of
 * sockets can share it. Never change it after it was written anywhere. `compression`: for connections that agreed to it.
 */
export function wireFrame(frame: Frame, compression?: Compression): Buffer {
  const first = frame.binary ? FIN_BINARY : FIN_TEXT;
  const deflated = compression === undefined ? undefined : deflate(frame.data, compression);
  return deflated === undefined ? assemble(first, frame.data) : assemble(first | RSV1, deflated);
}

/** Several messages that must leave directly one after the other. */
export function wireFrames(frames: readonly Frame[], compression?: Compression): Buffer {
  const [only] = frames;
  if (only !== undefined && frames.length === 1) return wireFrame(only, compression);
  return Buffer.concat(frames.map((frame) => wireFrame(frame, compression)));
}

/** The answer to a ping, with its payload (125 bytes at most). */
export function pongFrame(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([FIN_PONG, payload.length]), payload]);
}

/** RFC 6455 §5.5: the payload of a close frame has 125 bytes at most, two of which are the code; the library throws beyond. */
export function closeReason(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= MAX_REASON_BYTES) return reason;
  // A character that was cut in half is left out.
  return new TextDecoder().decode(bytes.subarray(0, MAX_REASON_BYTES)).replace(/\uFFFD+$/, '');
}

/** What the library closes with itself, after this error of a socket; 1006 for a socket that broke. */
export function closeCodeOf(error: Error & { readonly code?: unknown }): number {
  if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return 1009;
  if (error.code === 'WS_ERR_INVALID_UTF8') return 1007;
  return typeof error.code === 'string' && error.code.startsWith('WS_ERR') ? 1002 : 1006;
}

/** The library gives one Buffer per message unless told otherwise. */
export function bufferOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

function assemble(first: number, data: string | Uint8Array): Buffer {
  const length = lengthOf(data);
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const wire = Buffer.allocUnsafe(headerLength + length);
  wire[0] = first;
  if (headerLength === 2) {
    wire[1] = length;
  } else if (headerLength === 4) {
    wire[1] = 126;
    wire.writeUInt16BE(length, 2);
  } else {
    wire[1] = 127;
    wire.writeBigUInt64BE(BigInt(length), 2);
  }
  if (typeof data === 'string') wire.write(data, headerLength, 'utf8');
  else wire.set(data, headerLength);
  return wire;
}

/** Without context: each message by itself, so that it is the same for every receiver. Undefined: better sent as it is. */
function deflate(data: string | Uint8Array, { threshold, level, memLevel }: Compression): Uint8Array | undefined {
  const length = lengthOf(data);
  if (length < threshold || length > MAX_DEFLATED_AT_ONCE) return undefined;
  const flushed = deflateRawSync(data, { level, memLevel, finishFlush: constants.Z_SYNC_FLUSH });
  const deflated = flushed.subarray(0, -FLUSH_TAIL);
  return deflated.length < length ? deflated : undefined;
}

function lengthOf(data: string | Uint8Array): number {
  return typeof data === 'string' ? Buffer.byteLength(data) : data.length;
}
