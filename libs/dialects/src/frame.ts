/**
 * One WebSocket message, either way. Text may be bytes (UTF-8): those built as bytes stay bytes, and those received as
 * bytes should stay so too, since dialects pass parts of them on untouched.
 */
export interface Frame {
  readonly data: string | Uint8Array;
  readonly binary: boolean;
}

export function textFrame(data: string | Uint8Array): Frame {
  return { data, binary: false };
}

export function jsonFrame(value: unknown): Frame {
  return { data: JSON.stringify(value), binary: false };
}

export function binaryFrame(data: Uint8Array): Frame {
  return { data, binary: true };
}

/**
 * What happens to a frame when its receiver reads too slowly. `must`: kept, until the connection is closed for it.
 * `newest`: only the last one per key waits. `droppable`: gone.
 */
export type Delivery =
  { readonly class: 'must' } | { readonly class: 'newest'; readonly key: string } | { readonly class: 'droppable' };

export const MUST: Delivery = { class: 'must' };
