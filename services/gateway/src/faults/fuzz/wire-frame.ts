interface FrameParts {
  readonly opcode: number;
  readonly payload: Buffer;
  /** Default true. */
  readonly last?: boolean;
  /** The three bits that stand for extensions; default none. */
  readonly reserved?: number;
}

interface HeaderParts extends Omit<FrameParts, 'payload'> {
  readonly length: number;
  readonly masked: boolean;
}

/** The key of every mask here: what it is does not matter, that there is one does. */
const MASK = Buffer.from([0x11, 0x22, 0x33, 0x44]);

/** A client's frame, right or wrong. */
export function maskedFrame({ payload, ...parts }: FrameParts): Buffer {
  const masked = Buffer.from(payload);
  for (let index = 0; index < masked.length; index++) masked[index] = (masked[index] ?? 0) ^ (MASK[index % 4] ?? 0);
  return Buffer.concat([frameHeader({ ...parts, length: payload.length, masked: true }), masked]);
}

export function frameHeader({ opcode, length, masked, last = true, reserved = 0 }: HeaderParts): Buffer {
  const first = (last ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = masked ? 0x80 : 0;
  const key = masked ? MASK : Buffer.alloc(0);
  if (length < 126) return Buffer.concat([Buffer.from([first, mask | length]), key]);
  const header = Buffer.alloc(length < 65_536 ? 4 : 10);
  header[0] = first;
  header[1] = mask | (length < 65_536 ? 126 : 127);
  if (length < 65_536) header.writeUInt16BE(length, 2);
  else header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, key]);
}

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Whole frames at the beginning of what came from a server, and the rest. */
export function readFrames(bytes: Buffer): { readonly frames: readonly ServerFrame[]; readonly rest: Buffer } {
  const frames: ServerFrame[] = [];
  let at = 0;
  for (;;) {
    const frame = readFrame(bytes.subarray(at));
    if (frame === undefined) return { frames, rest: bytes.subarray(at) };
    frames.push(frame);
    at += frame.size;
  }
}

function readFrame(bytes: Buffer): (ServerFrame & { readonly size: number }) | undefined {
  const short = (bytes[1] ?? 0) & 0x7f;
  const start = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (bytes.length < start) return undefined;
  const length = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < start + length) return undefined;
  return { opcode: (bytes[0] ?? 0) & 0x0f, payload: bytes.subarray(start, start + length), size: start + length };
}
