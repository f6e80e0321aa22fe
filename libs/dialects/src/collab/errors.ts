import { unreachable, type AppError, type ErrorCode } from '@parley/contracts';
import { close, type Commands } from '../command.js';
import type { EndReason } from '../dialect.js';
import type { Code, ErrorPayload } from './down.js';
import { reply } from './encode.js';

/** The document's names for its codes. */
export const code = {
  invalidToken: 1001,
  connectionLimit: 1002,
  rateLimit: 1003,
  roomNotFound: 2001,
  roomFull: 2002,
  noPermission: 2003,
  invalidOperation: 3001,
  versionMismatch: 3002,
  checksumFailed: 3003,
  internalError: 5001,
  serviceUnavailable: 5002,
} as const;

const codeOf: Record<ErrorCode, Code> = {
  invalid: code.invalidOperation,
  unauthenticated: code.invalidToken,
  forbidden: code.noPermission,
  not_found: code.roomNotFound,
  conflict: code.invalidOperation,
  full: code.roomFull,
  too_large: code.invalidOperation,
  rate_limited: code.rateLimit,
  limit_exceeded: code.rateLimit,
  queue_full: code.serviceUnavailable,
  unavailable: code.serviceUnavailable,
  timeout: code.serviceUnavailable,
  internal: code.internalError,
};

/** Whether the same message may succeed when it is sent again. */
const recoverable: Record<Code, boolean> = {
  1001: false,
  1002: true,
  1003: true,
  2001: false,
  2002: true,
  2003: false,
  3001: false,
  3002: true,
  3003: true,
  5001: true,
  5002: true,
};

/** For limits that no bucket refills: when it is worth another try. */
const STANDING_LIMIT_RETRY_MS = 30_000;
const limits: ReadonlySet<Code> = new Set([code.connectionLimit, code.rateLimit]);

/** The message that could not be done, and the room that it was about. */
export interface Cause {
  readonly id?: string;
  readonly roomId?: string;
}

/** Of what the codes of a boundary cannot say, the code itself is given. */
type Told = Omit<AppError, 'code'> & { readonly code: Code; readonly currentVersion?: number };

export function refuse(at: number, error: AppError, cause: Cause = {}): Commands {
  const message = error.code === 'internal' ? 'Internal error' : error.message;
  return refuseAs(at, { ...error, message, code: codeOf[error.code] }, cause);
}

export function refuseAs(at: number, error: Told, { id, roomId }: Cause = {}): Commands {
  const details: ErrorPayload['details'] = {
    ...(id === undefined ? {} : { messageId: id }),
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(limits.has(error.code) ? { retryAfterMs: error.retryAfterMs ?? STANDING_LIMIT_RETRY_MS } : {}),
    ...(error.currentVersion === undefined ? {} : { currentVersion: error.currentVersion }),
  };
  const payload = { code: error.code, message: error.message, details, recoverable: recoverable[error.code] };
  return [reply('error', payload, { at, ...(roomId === undefined ? {} : { roomId }) })];
}

export function ending(at: number, reason: EndReason): Commands {
  switch (reason) {
    case 'revoked':
      return lastWords(at, { code: 'unauthenticated', message: 'This login was revoked' }, 1008, 'login revoked');
    case 'login_timeout':
      return lastWords(at, { code: 'unauthenticated', message: 'No login in time' }, 1008, 'login timeout');
    case 'idle':
      return [close(1001, 'heartbeat timeout')];
    case 'bad_input':
      return [close(1008, 'too many bad messages')];
    case 'binary_refused':
      return [close(1003, 'binary frames are not accepted')];
    case 'too_large':
      return [close(1009, 'frame too large')];
    case 'slow':
      return [close(1013, 'reads too slowly')];
    case 'flooding':
      return lastWords(at, { code: 'rate_limited', message: 'Too many messages' }, 1008, 'too many messages');
    case 'shutdown':
      return [close(1001, 'going away')];
    case 'rebalance':
      return [close(1001, 'please reconnect')];
    case 'disconnected':
      return [close(1008, 'disconnected by an operator')];
    case 'replaced':
      return [close(1000, 'replaced')];
    case 'internal':
      return lastWords(at, { code: 'internal', message: 'Internal error' }, 1011, 'internal error');
    default:
      return unreachable(reason);
  }
}

/** A last error, then the close. */
export function lastWords(at: number, error: AppError, closeCode: number, reason: string): Commands {
  return [...refuse(at, error), close(closeCode, reason)];
}
