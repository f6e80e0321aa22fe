import { unreachable, type AppError, type ErrorCode } from '@parley/contracts';
import { close, send, type Commands } from '../command.js';
import type { EndReason } from '../dialect.js';
import { jsonFrame } from '../frame.js';
import type { Code, ErrorMessage } from './down.js';

/** The document knows seven codes; everything that may go wrong has to be one of them. */
const codeOf: Record<ErrorCode, Code> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 400,
  too_large: 400,
  rate_limited: 429,
  limit_exceeded: 429,
  full: 503,
  queue_full: 503,
  unavailable: 503,
  timeout: 503,
  internal: 500,
};

/** For limits that no bucket refills: when it is worth another try. */
const STANDING_LIMIT_RETRY_MS = 30_000;

export type ErrorDetails = ErrorMessage['data']['details'];

export function errorMessage(error: AppError, details: ErrorDetails = {}): ErrorMessage {
  const code = codeOf[error.code];
  return {
    type: 'Error',
    data: {
      code,
      message: error.code === 'internal' ? 'Internal error' : error.message,
      details: {
        ...(error.field === undefined ? {} : { field: error.field }),
        ...(code === 429 ? { retry_after_ms: error.retryAfterMs ?? STANDING_LIMIT_RETRY_MS } : {}),
        ...details,
      },
    },
  };
}

/** An error as the answer to a message; `id` is the message's own. */
export function refuse(error: AppError, id: string | undefined, details: ErrorDetails = {}): Commands {
  const answer = errorMessage(error, id === undefined ? details : { message_id: id, ...details });
  return [send(jsonFrame(answer))];
}

export function ending(reason: EndReason): Commands {
  switch (reason) {
    case 'revoked':
      return lastWords({ code: 'unauthenticated', message: 'This login was revoked' }, 1008, 'login revoked');
    case 'login_timeout':
      return lastWords({ code: 'unauthenticated', message: 'No login in time' }, 1008, 'login timeout');
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
      return lastWords({ code: 'rate_limited', message: 'Too many messages' }, 1008, 'too many messages');
    case 'shutdown':
      return [close(1001, 'going away')];
    case 'rebalance':
      return [close(1001, 'please reconnect')];
    case 'disconnected':
      return [close(1008, 'disconnected by an operator')];
    case 'replaced':
      return [close(1000, 'replaced')];
    case 'internal':
      return lastWords({ code: 'internal', message: 'Internal error' }, 1011, 'internal error');
    default:
      return unreachable(reason);
  }
}

function lastWords(error: AppError, closeCode: number, reason: string): Commands {
  return [...refuse(error, undefined), close(closeCode, reason)];
}
