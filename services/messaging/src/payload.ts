import { createHash } from 'node:crypto';
import type { BodyFormat, MessageMetadata } from '@parley/contracts';

/** Payloads travel as bytes in events, and as text inside JSON where history or a queue hands them out. */
export function payloadText(format: BodyFormat, body: Uint8Array): string {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return bytes.toString(format === 'json' ? 'utf8' : 'base64');
}

/** `sha256:<hex>` of binary payloads; JSON has none. */
export function checksumOf(format: BodyFormat, body: Uint8Array): { readonly checksum?: string } {
  if (format === 'json') return {};
  return { checksum: `sha256:${createHash('sha256').update(body).digest('hex')}` };
}

/** Bytes that payload and metadata take as JSON: what has to fit into one message of the bus. */
export function sizeInReply(format: BodyFormat, body: Uint8Array, metadata: MessageMetadata | undefined): number {
  const extra = metadata === undefined ? 0 : Buffer.byteLength(JSON.stringify(metadata));
  if (format !== 'json') return extra + Math.ceil(body.length / 3) * 4;
  return extra + Buffer.byteLength(JSON.stringify(payloadText(format, body)));
}

/** The same question for the hot path, which measures only what is large enough to be in doubt. */
export function isTooLarge(
  format: BodyFormat,
  body: Uint8Array,
  metadata: MessageMetadata | undefined,
  maxBytes: number,
): boolean {
  // Escaping at most doubles JSON, which holds no bare control characters.
  if (metadata === undefined && body.length * 2 + 2 <= maxBytes) return false;
  return sizeInReply(format, body, metadata) > maxBytes;
}
