import { compile, ConnectionId, fail, type Outcome } from '@parley/contracts';
import { close, type Commands, type Login } from '../command.js';
import type { Endpoint, SessionContext } from '../dialect.js';
import { reply } from './encode.js';
import { code, lastWords, refuse, refuseAs } from './errors.js';
import type { UpConnect } from './up.js';
import { protocol } from './version.js';

export const endpoints: readonly Endpoint[] = [{ path: '/ws/collab' }];

/** What a client may say of itself when it connects. */
export interface Wishes {
  /** The earlier connection, whose place this one takes. */
  readonly replaces?: ConnectionId;
  readonly binary?: boolean;
}

export interface Handshake {
  readonly context: SessionContext;
  /** Nothing is listened to any more. */
  over(): void;
  /** What follows `connected`. */
  ready(login: Login, wishes: Wishes): Commands;
}

/** From the upgrade's token, where there is one, to `connected`; without one `connect` has to come. */
export function handshake(shake: Handshake, token: Outcome<Login, 'unauthenticated'> | undefined): Commands {
  return token === undefined ? [] : logIn(shake, token, wishesOfUrl(shake.context.query));
}

export function connect(shake: Handshake, { payload }: UpConnect): Commands {
  return [
    {
      kind: 'authenticate',
      token: payload.token,
      then: (verified) => logIn(shake, verified, wishesOf(payload)),
    },
  ];
}

/** Whatever comes before the login is not looked at further. */
export function refuseEarly({ context }: Handshake, id: string | undefined): Commands {
  const { error } = fail('unauthenticated', 'Connect first');
  return [...refuse(context.now(), error, id === undefined ? {} : { id }), { kind: 'strike' }];
}

function logIn(shake: Handshake, verified: Outcome<Login, 'unauthenticated'>, wishes: Wishes): Commands {
  const { context } = shake;
  if (!verified.ok) {
    shake.over();
    return lastWords(context.now(), verified.error, 1008, 'unauthorized');
  }
  const login = verified.value;
  return [
    {
      kind: 'log-in',
      login,
      ...(wishes.replaces === undefined ? {} : { replaces: wishes.replaces }),
      then: (counted) => {
        if (counted.ok) return [connected(context, login), ...shake.ready(login, wishes)];
        shake.over();
        const told = { ...counted.error, code: code.connectionLimit };
        return [...refuseAs(context.now(), told), close(1008, 'too many connections')];
      },
    },
  ];
}

export function connected(context: SessionContext, { userId }: Login): Commands[number] {
  const at = context.now();
  return reply('connected', { connectionId: context.connectionId, userId, serverTime: at, protocol }, { at });
}

export function wishesOf({ connectionId, binary }: UpConnect['payload']): Wishes {
  return {
    ...(connectionId === undefined ? {} : { replaces: connectionId }),
    ...(binary === undefined ? {} : { binary }),
  };
}

const connectionIdCheck = compile(ConnectionId);

/** Extension: what `connect` can say, for those whom the upgrade's token logs in. */
function wishesOfUrl(query: URLSearchParams): Wishes {
  const replaces = query.get('connectionId');
  return {
    ...(connectionIdCheck.is(replaces) ? { replaces } : {}),
    ...(query.get('binary') === 'true' ? { binary: true } : {}),
  };
}
