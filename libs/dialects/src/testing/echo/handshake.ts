import { NOTIFICATION_ALL, notificationSent, type Outcome } from '@parley/contracts';
import { close, type Commands, type Login } from '../../command.js';
import type { Endpoint } from '../../dialect.js';
import { reply } from './encode.js';

export const endpoints: readonly Endpoint[] = [{ path: '/ws/echo' }];

/** From the upgrade's token to `hello`: the login is counted, then what everyone hears is joined. */
export function handshake(token: Outcome<Login, 'unauthenticated'> | undefined): Commands {
  if (token?.ok !== true) return [close(1008, 'unauthorized')];
  const login = token.value;
  return [
    {
      kind: 'log-in',
      login,
      then: (counted) => (counted.ok ? join(login) : [close(1008, 'too many connections')]),
    },
  ];
}

function join({ username }: Login): Commands {
  return [
    {
      kind: 'join',
      requests: [{ subject: notificationSent.subject(NOTIFICATION_ALL) }],
      then: (joined) => (joined.ok ? reply({ type: 'hello', name: username }) : [close(1013, 'try again later')]),
    },
  ];
}
