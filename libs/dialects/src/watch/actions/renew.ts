import type { Commands, Login } from '../../command.js';
import { reply } from '../encode.js';
import { refuse, said } from '../errors.js';
import type { UpAuth } from '../up.js';
import { speechOf, type ViewerScope } from './scope.js';

export const EXPIRED_TIMER = 'token-expired';

export function tokenTimer({ expiresAt }: Login): Commands {
  return [{ kind: 'timer', name: EXPIRED_TIMER, at: expiresAt }];
}

/** A refused token changes nothing: the connection goes on with the one it has. */
export function renew(scope: ViewerScope, { request_id, payload }: UpAuth): Commands {
  return [
    {
      kind: 'authenticate',
      token: payload.token,
      then: (verified) => {
        const speech = speechOf(scope, request_id);
        if (!verified.ok || verified.value.userId !== scope.identity.userId) return refuse(speech, said.invalidToken);
        const fresh = verified.value;
        scope.login = fresh;
        const expires_at = new Date(fresh.expiresAt).toISOString();
        return [
          { kind: 'renew', login: fresh },
          ...tokenTimer(fresh),
          reply(speech, { type: 'auth_ack', payload: { expires_at } }),
        ];
      },
    },
  ];
}
