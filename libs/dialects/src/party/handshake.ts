import { HOST_TOKEN_PREFIX, newLoginId, newUserId, ok, type Outcome } from '@parley/contracts';
import type { Commands, Login } from '../command.js';
import type { Endpoint, SessionContext } from '../dialect.js';

export const endpoints: readonly Endpoint[] = [{ path: '/ws/party' }];

/** How long after a join that was refused the next one may take; the first is bounded by the gateway's own deadline. */
export const JOIN_DEADLINE_MS = 10_000;

/** What a client has shown of itself so far. */
export interface Credentials {
  /** Undefined: it has no account, or has not said so yet. */
  readonly account: Login | undefined;
  readonly hostToken: string | undefined;
}

/** What the upgrade's token is: a host token, an access token, or nothing that is worth anything. */
export function credentialsOf(
  { token }: SessionContext,
  login: Outcome<Login, 'unauthenticated'> | undefined,
): Outcome<Credentials, 'unauthenticated'> {
  if (token !== undefined && isHostToken(token)) return ok({ account: undefined, hostToken: token });
  if (login === undefined) return ok({ account: undefined, hostToken: undefined });
  return login.ok ? ok({ account: login.value, hostToken: undefined }) : login;
}

/** The token of a `join` is either kind too. `then` gets what is known with it. */
export function withToken(
  known: Credentials,
  token: string | undefined,
  then: (credentials: Outcome<Credentials, 'unauthenticated'>) => Commands,
): Commands {
  if (token === undefined) return then(ok(known));
  if (isHostToken(token)) return then(ok({ ...known, hostToken: token }));
  return [
    {
      kind: 'authenticate',
      token,
      then: (verified) => then(verified.ok ? ok({ ...known, account: verified.value }) : verified),
    },
  ];
}

/** Somebody without an account: an id of its own, for limits and inspection. */
export function guestLogin(username: string): Login {
  return {
    userId: newUserId(),
    loginId: newLoginId(),
    username,
    expiresAt: Number.MAX_SAFE_INTEGER,
    guest: {},
  };
}

function isHostToken(token: string): boolean {
  return token.startsWith(HOST_TOKEN_PREFIX);
}
