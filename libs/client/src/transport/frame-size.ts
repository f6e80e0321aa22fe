import { ParleyError } from './parley-error.js';

/** The servers' limit; a larger frame would end the connection. */
const MAX_FRAME_BYTES = 1_048_576;

/** A message as text, or `too_large`. */
export function frameOf(message: unknown): string {
  const text = JSON.stringify(message);
  // A UTF-16 unit is three bytes of UTF-8 at most; only what may be too long is measured.
  if (text.length * 3 > MAX_FRAME_BYTES && new TextEncoder().encode(text).length > MAX_FRAME_BYTES) {
    throw new ParleyError('too_large', `a message has ${MAX_FRAME_BYTES} bytes at most`);
  }
  return text;
}
