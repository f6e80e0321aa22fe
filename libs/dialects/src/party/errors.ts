import { unreachable, type AppError, type ErrorCode } from '@parley/contracts';
import { close, type Commands } from '../command.js';
import type { EndReason } from '../dialect.js';
import type { ErrorMessage, WireErrorCode } from './down.js';
import { reply, type Form } from './encode.js';

/** The document names no close codes; these are the standard ones. */
export const closeCode = {
  normal: 1000,
  goingAway: 1001,
  policy: 1008,
  tooLarge: 1009,
  internal: 1011,
  tryAgainLater: 1013,
} as const;

/** How and when something is said. */
export interface Speech {
  readonly form: Form;
  /** ms since 1970 */
  readonly at: number;
}

export type Details = NonNullable<ErrorMessage['details']>;

export function refuse({ form, at }: Speech, code: WireErrorCode, message: string, details?: Details): Commands {
  return [reply(form, { type: 'error', timestamp: at, code, message, ...(details === undefined ? {} : { details }) })];
}

/** What a boundary's error is called in a session that the client is in. */
const codeOf: Record<ErrorCode, WireErrorCode> = {
  invalid: 'invalid_message',
  unauthenticated: 'unauthorized',
  forbidden: 'unauthorized',
  // Of what a message named: the session itself is there.
  not_found: 'invalid_message',
  conflict: 'invalid_message',
  too_large: 'invalid_message',
  rate_limited: 'unavailable',
  limit_exceeded: 'unavailable',
  full: 'session_full',
  queue_full: 'unavailable',
  unavailable: 'unavailable',
  timeout: 'unavailable',
  internal: 'internal',
};

export function refuseError(speech: Speech, { code, message, field }: AppError): Commands {
  const told = code === 'internal' ? 'Internal error' : message;
  return refuse(speech, codeOf[code], told, field === undefined ? undefined : { field });
}

export function refuseBad(speech: Speech, field: string, message: string): Commands {
  return [...refuse(speech, 'invalid_message', `${field}: ${message}`, { field }), { kind: 'strike' }];
}

export function tryAgainLater(): Commands {
  return [close(closeCode.tryAgainLater, 'try again later')];
}

export function lastWords(speech: Speech, message: string, reason: string): Commands {
  return [...refuse(speech, 'unauthorized', message), close(closeCode.policy, reason)];
}

export function ending(speech: Speech, reason: EndReason): Commands {
  switch (reason) {
    case 'revoked':
      return lastWords(speech, 'This login was revoked', 'login revoked');
    case 'login_timeout':
      return lastWords(speech, 'No session was joined in time', 'no join in time');
    case 'idle':
      return [close(closeCode.goingAway, 'heartbeat timeout')];
    case 'bad_input':
      return [close(closeCode.policy, 'too many bad messages')];
    case 'binary_refused':
      return [close(closeCode.policy, 'binary frames have no meaning here')];
    case 'too_large':
      return [close(closeCode.tooLarge, 'frame too large')];
    case 'slow':
      return [close(closeCode.tryAgainLater, 'reads too slowly')];
    case 'flooding':
      return [close(closeCode.policy, 'too many messages')];
    case 'shutdown':
      return [close(closeCode.goingAway, 'going away')];
    case 'rebalance':
      return [close(closeCode.goingAway, 'please reconnect')];
    case 'disconnected':
      return [close(closeCode.policy, 'disconnected by an operator')];
    case 'replaced':
      return [close(closeCode.normal, 'replaced')];
    case 'internal':
      return [close(closeCode.internal, 'internal error')];
    default:
      return unreachable(reason);
  }
}
