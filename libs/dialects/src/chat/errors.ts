import { unreachable, type AppError, type ErrorCode } from '@parley/contracts';
import { close, type Commands } from '../command.js';
import type { EndReason } from '../dialect.js';
import type { ErrorDispatch, WireErrorCode } from './down.js';
import { reply } from './encode.js';
import type { UpOpcode } from './up.js';

/** The document's own close codes, and the standard ones where it has none. */
export const closeCode = {
  normal: 1000,
  goingAway: 1001,
  policy: 1008,
  tooLarge: 1009,
  internal: 1011,
  tryAgainLater: 1013,
  authenticationFailed: 4001,
  invalidMessage: 4002,
} as const;

const codeOf: Record<ErrorCode, WireErrorCode> = {
  invalid: 'invalid',
  unauthenticated: 'unauthenticated',
  forbidden: 'forbidden',
  not_found: 'not_found',
  conflict: 'invalid',
  too_large: 'too_large',
  rate_limited: 'rate_limited',
  limit_exceeded: 'rate_limited',
  full: 'unavailable',
  queue_full: 'unavailable',
  unavailable: 'unavailable',
  timeout: 'unavailable',
  internal: 'internal',
};

/** For limits that no bucket refills: when it is worth another try. */
const STANDING_LIMIT_RETRY_MS = 30_000;

/** Extension: why a well-formed message was not done. */
export function errorDispatch(error: AppError, op: UpOpcode): ErrorDispatch {
  const code = codeOf[error.code];
  return {
    op: 'DISPATCH',
    t: 'ERROR',
    d: {
      code,
      message: code === 'internal' ? 'Internal error' : error.message,
      op,
      ...(code === 'rate_limited' ? { retry_after_ms: error.retryAfterMs ?? STANDING_LIMIT_RETRY_MS } : {}),
    },
  };
}

export function refuse(error: AppError, op: UpOpcode): Commands {
  return [reply(errorDispatch(error, op))];
}

/** How a connection ends that could not be opened. */
const turnedAway: Record<ErrorCode, (error: AppError) => Commands> = {
  invalid: internalError,
  unauthenticated: ({ message }) => [end(closeCode.authenticationFailed, message)],
  forbidden: internalError,
  // Of the user: the token has outlived its account.
  not_found: () => [end(closeCode.authenticationFailed, 'no such user')],
  conflict: internalError,
  too_large: internalError,
  rate_limited: tryAgainLater,
  limit_exceeded: () => [end(closeCode.policy, 'too many connections')],
  full: tryAgainLater,
  queue_full: tryAgainLater,
  unavailable: tryAgainLater,
  timeout: tryAgainLater,
  internal: internalError,
};

export function turnAway(error: AppError): Commands {
  return turnedAway[error.code](error);
}

export function tryAgainLater(): Commands {
  return [end(closeCode.tryAgainLater, 'try again later')];
}

function internalError(): Commands {
  return [end(closeCode.internal, 'internal error')];
}

export function invalidMessage(field: string, message: string): Commands {
  return [end(closeCode.invalidMessage, `${field}: ${message}`)];
}

const MAX_REASON_BYTES = 123;
const encoder = new TextEncoder();

/** A close with a reason that fits into its frame, whatever it was made of. */
export function end(code: number, reason: string): Commands[number] {
  const bytes = encoder.encode(reason);
  if (bytes.length <= MAX_REASON_BYTES) return close(code, reason);
  // As a stream, so that a character cut in two is left out.
  return close(code, new TextDecoder().decode(bytes.subarray(0, MAX_REASON_BYTES), { stream: true }));
}

export function ending(reason: EndReason): Commands {
  switch (reason) {
    case 'revoked':
      return [end(closeCode.authenticationFailed, 'login revoked')];
    case 'login_timeout':
      return [end(closeCode.authenticationFailed, 'no login in time')];
    case 'idle':
      return [end(closeCode.goingAway, 'heartbeat timeout')];
    case 'bad_input':
      return [end(closeCode.invalidMessage, 'too many bad messages')];
    case 'binary_refused':
      return invalidMessage('frame', 'binary frames have no meaning here');
    case 'too_large':
      return [end(closeCode.tooLarge, 'frame too large')];
    case 'slow':
      return [end(closeCode.tryAgainLater, 'reads too slowly')];
    case 'flooding':
      return [end(closeCode.policy, 'too many messages')];
    case 'shutdown':
      return [end(closeCode.goingAway, 'going away')];
    case 'rebalance':
      return [end(closeCode.goingAway, 'please reconnect')];
    case 'disconnected':
      return [end(closeCode.normal, 'disconnected by an operator')];
    case 'replaced':
      return [end(closeCode.normal, 'replaced')];
    case 'internal':
      return internalError();
    default:
      return unreachable(reason);
  }
}
