/**
 * The one set of errors that may cross a boundary. Each dialect and the REST edge translate them into their own words;
 * adding a code here breaks every translation table until it is handled.
 */
export const errorCodes = {
  invalid: {
    status: 400,
    level: 'debug',
    doc: 'The request does not fit its schema or rules; `field` names what was wrong.',
  },
  unauthenticated: {
    status: 401,
    level: 'debug',
    doc: 'No valid login: missing, wrong, expired or revoked credentials.',
  },
  forbidden: { status: 403, level: 'debug', doc: 'The login is valid but may not do this.' },
  not_found: { status: 404, level: 'debug', doc: 'It does not exist, or the caller may not know that it does.' },
  conflict: { status: 409, level: 'debug', doc: 'It collides with something that exists, such as a taken name.' },
  full: { status: 409, level: 'debug', doc: 'There is no place left in it.' },
  too_large: { status: 413, level: 'debug', doc: 'The message or payload is over its size limit.' },
  rate_limited: { status: 429, level: 'debug', doc: 'Too many requests; `retryAfterMs` says when to try again.' },
  limit_exceeded: { status: 429, level: 'info', doc: 'A standing limit (connections, subscriptions) is reached.' },
  queue_full: { status: 503, level: 'warn', doc: 'A bounded queue is full; nothing was stored.' },
  unavailable: {
    status: 503,
    level: 'warn',
    doc: 'A service that is needed does not answer; nothing is known to have happened.',
  },
  timeout: { status: 503, level: 'warn', doc: 'The deadline passed; the request may still have happened.' },
  internal: {
    status: 500,
    level: 'error',
    doc: 'A fault of ours; logged with its trace, never described to the caller.',
  },
} as const satisfies Record<string, ErrorTraits>;

interface ErrorTraits {
  readonly status: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly doc: string;
}

export type ErrorCode = keyof typeof errorCodes;

export interface AppError<E extends ErrorCode = ErrorCode> {
  readonly code: E;
  /** One sentence for the person who reads it; never holds secrets or stacks. */
  readonly message: string;
  /** Path of the offending field, such as `data.topics.0`. */
  readonly field?: string;
  readonly retryAfterMs?: number;
}

/** What any request may fail with, whatever its contract says. */
export type TransportErrorCode = 'invalid' | 'unavailable' | 'timeout' | 'internal';

export type Outcome<T, E extends ErrorCode = ErrorCode> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: AppError<E> };

export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function fail<E extends ErrorCode>(
  code: E,
  message: string,
  extra: Pick<AppError, 'field' | 'retryAfterMs'> = {},
): { readonly ok: false; readonly error: AppError<E> } {
  return { ok: false, error: { code, message, ...extra } };
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value);
}

/** Ends an exhaustive switch: a new member of the union fails to compile here. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
