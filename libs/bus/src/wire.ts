import { compile } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';

/** Header names; JetStream's own are stamped by the server on what it republishes. */
export const headerNames = {
  trace: 'traceparent',
  receipts: 'Parley-Receipts',
  messageId: 'Nats-Msg-Id',
  sequence: 'Nats-Sequence',
  previous: 'Nats-Last-Sequence',
  storedAt: 'Nats-Time-Stamp',
} as const;

/**
 * A reply is one byte and JSON: `+` and the value (nothing for undefined), or `-` and the error. No headers, which
 * would cost more than the rest of it.
 */
const OK = 0x2b;
const FAILED = 0x2d;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

const WireError = Type.Object({
  code: Type.String(),
  message: Type.String(),
  field: Type.Optional(Type.String()),
  retryAfterMs: Type.Optional(Type.Number()),
});
export type WireError = Static<typeof WireError>;
const wireError = compile(WireError);

export type WireReply =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: WireError };

export function encodeValue(value: unknown): Uint8Array {
  return encoder.encode(value === undefined ? '+' : `+${JSON.stringify(value)}`);
}

export function encodeError(error: WireError): Uint8Array {
  return encoder.encode(`-${JSON.stringify(error)}`);
}

/** Undefined when it is no reply. */
export function decodeReply(data: Uint8Array): WireReply | undefined {
  try {
    if (data[0] === OK) return { ok: true, value: data.length === 1 ? undefined : parse(data.subarray(1)) };
    if (data[0] !== FAILED) return undefined;
    const error = parse(data.subarray(1));
    return wireError.is(error) ? { ok: false, error } : undefined;
  } catch {
    return undefined;
  }
}

/** Throws when it is no JSON. */
export function parse(data: Uint8Array): unknown {
  return JSON.parse(decoder.decode(data));
}

export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}
