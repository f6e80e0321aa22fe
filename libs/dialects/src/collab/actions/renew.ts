import { fail } from '@parley/contracts';
import { none, type Commands, type Login } from '../../command.js';
import { reply } from '../encode.js';
import { connected, wishesOf } from '../handshake.js';
import type { UpAuth, UpConnect } from '../up.js';
import { about, acknowledge, refuseMessage } from './answer.js';
import { preferBinary } from './pointer.js';
import type { Scope } from './scope.js';

export const EXPIRED_TIMER = 'token-expired';

export function tokenTimer({ expiresAt }: Login): Commands {
  return [{ kind: 'timer', name: EXPIRED_TIMER, at: expiresAt }];
}

export function renew(scope: Scope, message: UpAuth): Commands {
  return goOn(scope, message, ({ expiresAt }) => [reply('auth_renewed', { expiresAt }, about(scope))]);
}

/** Whom the upgrade's token has logged in may `connect` all the same, and say what the URL could not. */
export function connectAgain(scope: Scope, message: UpConnect): Commands {
  return goOn(scope, message, (login) => {
    const { replaces = scope.replaces, binary } = wishesOf(message.payload);
    scope.replaces = replaces;
    return [...(binary === true ? preferBinary(scope) : none), connected(scope.context, login)];
  });
}

/** A refused token changes nothing: the connection goes on with the one it has. */
function goOn(scope: Scope, message: UpAuth | UpConnect, then: (login: Login) => Commands): Commands {
  return [
    {
      kind: 'authenticate',
      token: message.payload.token,
      then: (verified) => {
        if (!verified.ok) return refuseMessage(scope, { ...verified.error, field: 'payload.token' }, message);
        const fresh = verified.value;
        if (fresh.userId !== scope.login.userId) {
          const { error } = fail('forbidden', 'The token belongs to another user', { field: 'payload.token' });
          return refuseMessage(scope, error, message);
        }
        scope.login = fresh;
        return [{ kind: 'renew', login: fresh }, ...tokenTimer(fresh), ...then(fresh), ...acknowledge(scope, message)];
      },
    },
  ];
}
