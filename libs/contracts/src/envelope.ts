/**
 * How requests, replies and events lie on the bus: a JSON head alone, or, when bytes travel beside it,
 * `0x00`, the head's length (uint32, big endian), the head, the bytes. A head starts with `{` or `[`, never with 0x00.
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const WITH_BODY = 0;
const PREFIX = 5;

export interface Envelope {
  readonly head: unknown;
  readonly body: Uint8Array | undefined;
}

export function joinEnvelope(head: unknown, body?: Uint8Array): Uint8Array {
  const text = JSON.stringify(head);
  if (body === undefined) return encoder.encode(text);
  const headLength = Buffer.byteLength(text);
  const joined = Buffer.allocUnsafe(PREFIX + headLength + body.length);
  joined[0] = WITH_BODY;
  joined.writeUInt32BE(headLength, 1);
  joined.write(text, PREFIX, 'utf8');
  joined.set(body, PREFIX + headLength);
  return joined;
}

/** Undefined when the bytes are no envelope. */
export function splitEnvelope(data: Uint8Array): Envelope | undefined {
  try {
    if (data[0] !== WITH_BODY) return { head: parse(data), body: undefined };
    const headLength = new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(1);
    const headEnd = PREFIX + headLength;
    if (headEnd > data.length) return undefined;
    return { head: parse(data.subarray(PREFIX, headEnd)), body: data.subarray(headEnd) };
  } catch {
    return undefined;
  }
}

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes));
}
