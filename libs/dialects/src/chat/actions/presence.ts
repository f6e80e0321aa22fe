import { presence } from '@parley/contracts';
import { call, none, type Commands } from '../../command.js';
import { refuse } from '../errors.js';
import type { UpPresenceUpdate } from '../up.js';
import type { Scope } from './scope.js';

/** The connection that asks is not told; everyone else who may see it is, the user's other connections too. */
export function updatePresence({ context, login }: Scope, { op, d }: UpPresenceUpdate): Commands {
  const status = d.status === 'away' ? 'idle' : d.status;
  const request = { userId: login.userId, status, by: context.connectionId };
  return [call(presence.setStatus, request, (outcome) => (outcome.ok ? none : refuse(outcome.error, op)))];
}
