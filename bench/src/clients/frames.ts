import { randomBytes } from 'node:crypto';

const PING = 0x89;

/**
 * Counts the WebSocket frames of one server-to-client stream without looking at what is in them. Events are told from
 * heartbeats and the like by their size: more than 125 bytes.
 */
export class FrameCounter {
  frames = 0;
  events = 0;
  /** Set when a ping has come; whoever answers it resets it. */
  pinged = false;
  private skip = 0;
  private rest: Buffer | undefined;

  take(chunk: Buffer): void {
    const data = this.rest === undefined ? chunk : Buffer.concat([this.rest, chunk]);
    this.rest = undefined;
    let at = this.skip;
    while (at < data.length) {
      const length = frameLength(data, at);
      if (length < 0) {
        this.rest = data.subarray(at);
        this.skip = 0;
        return;
      }
      if (data[at] === PING) this.pinged = true;
      if (length > 127) this.events += 1;
      at += length;
      this.frames += 1;
    }
    // A frame counts as soon as its header is here; what is left of it is skipped.
    this.skip = at - data.length;
  }
}

/** Header and payload; -1 when not all of the header is here. */
export function frameLength(data: Buffer, at: number): number {
  if (data.length - at < 2) return -1;
  const short = (data[at + 1] ?? 0) & 0x7f;
  if (short < 126) return 2 + short;
  if (short === 126) return data.length - at < 4 ? -1 : 4 + data.readUInt16BE(at + 2);
  return data.length - at < 10 ? -1 : 10 + Number(data.readBigUInt64BE(at + 2));
}

/** An empty pong, masked with zeroes. */
export const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** A client's text frame, masked as it must be. */
export function maskedText(text: string): Buffer {
  const payload = Buffer.from(text);
  const header = payload.length < 126 ? 2 : 4;
  const frame = Buffer.allocUnsafe(header + 4 + payload.length);
  frame[0] = 0x81;
  if (header === 2) {
    frame[1] = 0x80 | payload.length;
  } else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(payload.length, 2);
  }
  const mask = randomBytes(4);
  mask.copy(frame, header);
  for (let i = 0; i < payload.length; i++) frame[header + 4 + i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0);
  return frame;
}
