import type { Commands, Login } from '../../command.js';
import { reply } from '../encode.js';
import { refuse } from '../errors.js';
import type { UpAuth } from '../up.js';
import { speech, type Scope } from './scope.js';

export const EXPIRED_TIMER = 'token-expired';

/** Guests have no token that could expire. */
export function tokenTimer({ guest, expiresAt }: Login): Commands {
  return guest === undefined ? [{ kind: 'timer', name: EXPIRED_TIMER, at: expiresAt }] : [];
}

/** A refused token changes nothing: the connection goes on with the one it has. */
export function renew(scope: Scope, { token }: UpAuth): Commands {
  return [
    {
      kind: 'authenticate',
      token,
      then: (verified) => {
        if (!verified.ok) return refuse(speech(scope), 'unauthorized', verified.error.message);
        const fresh = verified.value;
        if (fresh.userId !== scope.login?.userId) {
          return refuse(speech(scope), 'unauthorized', 'The token belongs to another user');
        }
        scope.login = fresh;
        const { expiresAt } = fresh;
        return [
          { kind: 'renew', login: fresh },
          ...tokenTimer(fresh),
          reply(scope.form, { type: 'auth_renewed', timestamp: scope.context.now(), expiresAt }),
        ];
      },
    },
  ];
}
