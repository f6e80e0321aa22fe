import { unreachable } from '@parley/contracts';
import { close, type Commands } from '../../command.js';
import type { EndReason } from '../../dialect.js';
import { reply } from './encode.js';

export function refuse(field: string, message: string): Commands {
  return [...reply({ type: 'refused', field, message }), { kind: 'strike' }];
}

/** Total: a new reason fails to compile until it has a close code here. */
export function ending(reason: EndReason): Commands {
  switch (reason) {
    case 'revoked':
    case 'login_timeout':
      return [close(1008, 'unauthorized')];
    case 'idle':
      return [close(1001, 'heartbeat timeout')];
    case 'bad_input':
    case 'binary_refused':
    case 'flooding':
    case 'disconnected':
      return [close(1008, reason)];
    case 'too_large':
      return [close(1009, 'frame too large')];
    case 'slow':
      return [close(1013, 'reads too slowly')];
    case 'shutdown':
    case 'rebalance':
      return [close(1001, 'going away')];
    case 'replaced':
      return [close(1000, 'replaced')];
    case 'internal':
      return [close(1011, 'internal error')];
    default:
      return unreachable(reason);
  }
}
