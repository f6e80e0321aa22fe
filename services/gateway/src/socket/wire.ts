import type { Frame } from '@parley/dialects';

const FIN_TEXT = 0x81;
const FIN_BINARY = 0x82;
const FIN_PONG = 0x8a;

/**
 * A complete server-to-client WebSocket message (RFC 6455 §5.2, unmasked, unfragmented) in one buffer, so that any number of
 * sockets can share it. Never change it after it was written anywhere.
 */
export function wireFrame(frame: Frame): Buffer {
  const length = typeof frame.data === 'string' ? Buffer.byteLength(frame.data) : frame.data.length;
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const wire = Buffer.allocUnsafe(headerLength + length);
  wire[0] = frame.binary ? FIN_BINARY : FIN_TEXT;
  if (headerLength === 2) {
    wire[1] = length;
  } else if (headerLength === 4) {
    wire[1] = 126;
    wire.writeUInt16BE(length, 2);
  } else {
    wire[1] = 127;
    wire.writeBigUInt64BE(BigInt(length), 2);
  }
  if (typeof frame.data === 'string') wire.write(frame.data, headerLength, 'utf8');
  else wire.set(frame.data, headerLength);
  return wire;
}

/** Several messages that must leave directly one after the other. */
export function wireFrames(frames: readonly Frame[]): Buffer {
  const [only] = frames;
  if (only !== undefined && frames.length === 1) return wireFrame(only);
  return Buffer.concat(frames.map(wireFrame));
}

/** The answer to a ping, with its payload (125 bytes at most). */
export function pongFrame(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([FIN_PONG, payload.length]), payload]);
}
