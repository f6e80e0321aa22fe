import type { ConnectionId, DirectMessage, MessageId, UserId } from '@parley/contracts';

/** Seconds for which a send with the same idempotency key gets the first one's answer. */
export const REPEAT_SECONDS = 120;

/** A direct message that has no position yet. */
export type DirectHead = Omit<DirectMessage, 'position'>;

export interface NewDirect {
  readonly head: DirectHead;
  readonly payload: Uint8Array;
  /** Bytes that it takes in a reply. */
  readonly size: number;
  /** Seconds; 0: it does not wait at all. */
  readonly ttl: number;
  readonly idempotencyKey: string | undefined;
}

export type StoreResult =
  /** `alone`: nothing waits before it, so it may go out at once. */
  | { readonly type: 'stored'; readonly position: number; readonly alone: boolean }
  | { readonly type: 'repeated'; readonly messageId: MessageId; readonly deliveredTo: readonly ConnectionId[] }
  | { readonly type: 'full' };

/** One that waits, as `takeDirect` hands it out. */
export interface WaitingDirect {
  readonly head: DirectHead;
  readonly position: number;
  readonly payload: Buffer;
}

export interface Waiter {
  readonly shard: number;
  readonly recipient: UserId;
}

/** As many of the oldest as fit into one reply, at least one. */
export function fitting<M extends { readonly size: number }>(messages: readonly M[], maxBytes: number): readonly M[] {
  let bytes = 0;
  const end = messages.findIndex((message, i) => {
    bytes += message.size + HEAD_BYTES;
    return i > 0 && bytes > maxBytes;
  });
  return end === -1 ? messages : messages.slice(0, end);
}

/** Ids, times and names beside payload and metadata; generous. */
export const HEAD_BYTES = 1_024;
