import { unreachable, type AppError } from '@parley/contracts';
import { close, type Commands } from '../command.js';
import type { EndReason } from '../dialect.js';
import { reply, type Speech } from './encode.js';

export const closeCode = {
  normal: 1000,
  goingAway: 1001,
  policy: 1008,
  tooLarge: 1009,
  internal: 1011,
  tryAgainLater: 1013,
} as const;

/** The document's own texts. */
export const said = {
  deviceNotFound: 'Device not found',
  deviceOffline: 'Device is offline',
  invalidToken: 'Invalid token',
  sessionNotFound: 'Session not found',
  unauthorized: 'Unauthorized',
} as const;

export function refuse(speech: Speech, message: string): Commands {
  return [reply(speech, { type: 'error', payload: { message } })];
}

/** `notFound`: what the message was about. */
export function refuseError(speech: Speech, { code, message }: AppError, notFound: string): Commands {
  switch (code) {
    case 'not_found':
      return refuse(speech, notFound);
    case 'forbidden':
    case 'unauthenticated':
      return refuse(speech, said.unauthorized);
    case 'unavailable':
    case 'timeout':
      return refuse(speech, 'Service unavailable, try again later');
    case 'internal':
      return refuse(speech, 'Internal error');
    default:
      return refuse(speech, message);
  }
}

export function refuseBad(speech: Speech, field: string, message: string): Commands {
  return [...refuse(speech, `${field}: ${message}`), { kind: 'strike' }];
}

export function lastWords(speech: Speech, message: string, reason: string): Commands {
  return [...refuse(speech, message), close(closeCode.policy, reason)];
}

/** Of a hello that could not be looked into now: clients come back for it. */
export function tryAgainLater(): Commands {
  return [close(closeCode.tryAgainLater, 'try again later')];
}

export function ending(speech: Speech, reason: EndReason): Commands {
  switch (reason) {
    case 'revoked':
      return lastWords(speech, said.invalidToken, 'login revoked');
    case 'login_timeout':
      return lastWords(speech, said.unauthorized, 'no hello in time');
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
