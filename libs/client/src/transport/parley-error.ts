/** What may go wrong, in words of every dialect. */
export type ParleyErrorCode =
  /** The token was rejected, or the provider says that there is none to be had. */
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  /** The server did not understand or accept what was said; saying it again will not help. */
  | 'invalid'
  | 'rate_limited'
  /** A standing limit: connections, rooms, subscriptions, people in a room. */
  | 'limit_exceeded'
  | 'too_large'
  /** The document is another one than the client thought; it has been, or has to be, loaded afresh. */
  | 'out_of_sync'
  | 'unavailable'
  | 'internal'
  /** The server ended the connection and does not want it back. */
  | 'refused'
  | 'timeout'
  | 'aborted'
  /** `disconnect()` was called. */
  | 'disconnected'
  /** There is no connection now, and what was asked can't wait for one. */
  | 'offline'
  /** Too much is waiting to be sent. */
  | 'queue_full';

export interface ParleyErrorDetails {
  /** Path of the offending field. */
  readonly field?: string;
  readonly retryAfterMs?: number;
  /** Of a direct message to somebody who is offline: it will be delivered later. */
  readonly queued?: boolean;
  /** The topics that were refused. */
  readonly topics?: readonly string[];
  /** Of a party that is full. */
  readonly maxMembers?: number;
  readonly currentMembers?: number;
  /** The code of the dialect, such as 404, 3001 or `forbidden`. */
  readonly wireCode?: number | string;
  readonly closeCode?: number;
  /** As the server said; without it the code decides. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** Every rejection and every `error` event of the clients is one of these. */
export class ParleyError extends Error {
  override readonly name = 'ParleyError';

  constructor(
    readonly code: ParleyErrorCode,
    message: string,
    readonly details: ParleyErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
  }

  /** It may go well later, without anything having changed on this side. */
  get retryable(): boolean {
    return this.details.retryable ?? retryable.has(this.code);
  }
}

const retryable: ReadonlySet<ParleyErrorCode> = new Set([
  'rate_limited',
  'unavailable',
  'internal',
  'timeout',
  'offline',
  'queue_full',
]);

export function asParleyError(thrown: unknown, code: ParleyErrorCode, message: string): ParleyError {
  return thrown instanceof ParleyError ? thrown : new ParleyError(code, message, { cause: thrown });
}
