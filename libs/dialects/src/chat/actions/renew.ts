import { fail } from '@parley/contracts';
import type { Commands, Login } from '../../command.js';
import { reply } from '../encode.js';
import { refuse } from '../errors.js';
import type { UpAuth } from '../up.js';
import type { Scope } from './scope.js';

export const EXPIRED_TIMER = 'token-expired';

export function tokenTimer({ expiresAt }: Login): Commands {
  return [{ kind: 'timer', name: EXPIRED_TIMER, at: expiresAt }];
}

/** A refused token changes nothing: the connection goes on with the one it has. */
export function renew(scope: Scope, { op, d }: UpAuth): Commands {
  return [
    {
      kind: 'authenticate',
      token: d.token,
      then: (verified) => {
        if (!verified.ok) return refuse(verified.error, op);
        const fresh = verified.value;
        if (fresh.userId !== scope.login.userId) {
          return refuse(fail('forbidden', 'The token belongs to another user').error, op);
        }
        scope.login = fresh;
        return [
          { kind: 'renew', login: fresh },
          ...tokenTimer(fresh),
          reply({ op: 'DISPATCH', t: 'AUTH_RENEWED', d: { expires_at: new Date(fresh.expiresAt).toISOString() } }),
        ];
      },
    },
  ];
}
