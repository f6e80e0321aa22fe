import { NOTIFICATION_ALL, notificationSent, userChannel, type AppError, type Outcome } from '@parley/contracts';
import { close, send, type Commands, type Login } from '../command.js';
import type { Endpoint, SessionContext } from '../dialect.js';
import { jsonFrame } from '../frame.js';
import { features } from './down.js';
import { refuse } from './errors.js';
import { version } from './version.js';

export const endpoints: readonly Endpoint[] = [{ path: '/ws/topics' }, { path: '/ws', listener: 8081 }];

/**
 * From the upgrade's token to the welcome: a login is counted, then the user's own events are joined, then the client is
 * told. `ready` says what follows the welcome; live events wait until that is done.
 */
export function handshake(
  context: SessionContext,
  token: Outcome<Login, 'unauthenticated'> | undefined,
  ready: (login: Login) => Commands,
): Commands {
  if (token === undefined) {
    return turnAway({ code: 'unauthenticated', message: 'An access token is required' }, 1008, 'unauthorized');
  }
  if (!token.ok) return turnAway(token.error, 1008, 'unauthorized');
  const login = token.value;
  return [
    {
      kind: 'log-in',
      login,
      then: (outcome) => {
        if (!outcome.ok) return turnAway(outcome.error, 1008, 'too many connections');
        return join(context, login, ready);
      },
    },
  ];
}

function join(context: SessionContext, login: Login, ready: (login: Login) => Commands): Commands {
  const subjects = [userChannel(login.userId), notificationSent.subject(NOTIFICATION_ALL)];
  return [
    {
      kind: 'join',
      requests: subjects.map((subject) => ({ subject })),
      then: (joined) => {
        if (!joined.ok) return turnAway(joined.error, 1013, 'try again later');
        return [send(jsonFrame(welcome(context))), ...ready(login)];
      },
    },
  ];
}

function welcome(context: SessionContext): unknown {
  return {
    type: 'Status',
    data: {
      status: 'connected',
      details: {
        connection_id: context.connectionId,
        server_time: context.now(),
        protocol_version: version,
        features,
      },
    },
  };
}

function turnAway(error: AppError, code: number, reason: string): Commands {
  return [...refuse(error, undefined), close(code, reason)];
}
