import {
  auth,
  membershipChanged,
  ok,
  presence,
  serverEvent,
  servers,
  userChannel,
  type Outcome,
  type Server,
  type ServerId,
  type Status,
  type User,
  type UserId,
} from '@parley/contracts';
import type { Caller, Commands, JoinRequest, JoinResult, Login } from '../command.js';
import type { Endpoint, SessionContext } from '../dialect.js';
import type { Ready } from './down.js';
import { reply } from './encode.js';
import { end, closeCode, tryAgainLater, turnAway } from './errors.js';

/** On 8081 plain `/ws` belongs to `topics`, which asks for it there by name. */
export const endpoints: readonly Endpoint[] = [{ path: '/ws/chat' }, { path: '/ws' }];

/** How far back a client that reconnects is told what it missed, per server. */
export const RECOVERY = { limit: 1_000, maxAgeSeconds: 600 } as const;
/** Signals are of use only as long as the call outlives the connection. */
const SIGNAL_RECOVERY = { limit: 1_000, maxAgeSeconds: 10 } as const;

export interface Handshake {
  readonly context: SessionContext;
  /** Servers that the user is known to have left meanwhile, whatever the list says. */
  readonly left: ReadonlySet<ServerId>;
  /** What follows READY. */
  ready(login: Login): Commands;
}

/**
 * From the upgrade's token to READY: the login is counted; from then on changes of membership are heard, so that none
 * falls between the list of servers and listening to them; then profile and servers are loaded, the servers joined, and
 * the client is told. Missed events follow READY, and live ones follow those.
 */
export function handshake(shake: Handshake, token: Outcome<Login, 'unauthenticated'> | undefined): Commands {
  if (token === undefined) return [end(closeCode.authenticationFailed, 'an access token is required')];
  if (!token.ok) return turnAway(token.error);
  const login = token.value;
  return [
    {
      kind: 'log-in',
      login,
      then: (outcome) => (outcome.ok ? listen(shake, login) : turnAway(outcome.error)),
    },
  ];
}

function listen(shake: Handshake, login: Login): Commands {
  const { after } = resumePoint(shake.context.query);
  const requests = [
    { subject: membershipChanged.subject(login.userId) },
    recovering(userChannel(login.userId), after, SIGNAL_RECOVERY),
  ];
  return joinAll(requests, (own) => {
    const perform = async (caller: Caller): Promise<Commands> => {
      const loaded = await load(caller, login.userId);
      return loaded.ok ? joinServers(shake, login, loaded.value, own) : turnAway(loaded.error);
    };
    return [{ kind: 'call', perform }];
  });
}

interface Loaded {
  readonly user: User;
  readonly servers: readonly Server[];
  readonly status: Status;
}

async function load(caller: Caller, userId: UserId): Promise<Outcome<Loaded>> {
  const [user, listed, chosen] = await Promise.all([
    caller.call(auth.getUser, { userId }),
    caller.call(servers.list, { actorId: userId }),
    caller.call(presence.chosen, { userId }),
  ]);
  if (!user.ok) return user;
  if (!listed.ok) return listed;
  if (!chosen.ok) return chosen;
  return ok({ user: user.value, servers: listed.value.servers, status: chosen.value.status });
}

function joinServers(shake: Handshake, login: Login, loaded: Loaded, own: readonly JoinResult[]): Commands {
  const mine = loaded.servers.filter((server) => !shake.left.has(server.id));
  const { after } = resumePoint(shake.context.query);
  const requests = mine.map((server) => recovering(serverEvent.subject(server.id), after, RECOVERY));
  return joinAll(requests, (joined) => {
    const frame = readyOf(shake.context.query, { ...loaded, servers: mine }, own, joined);
    return [reply(frame), ...shake.ready(login)];
  });
}

/** When what was missed cannot be read now, as when everyone reconnects at once, what is live can still be had. */
function joinAll(requests: readonly JoinRequest[], then: (joined: readonly JoinResult[]) => Commands): Commands {
  const recovers = requests.some(({ recover }) => recover !== undefined);
  return [
    {
      kind: 'join',
      requests,
      then: (joined) => {
        if (joined.ok) return then(joined.value);
        const live = requests.map(({ subject }) => ({ subject }));
        return recovers ? joinAll(live, then) : tryAgainLater();
      },
    },
  ];
}

function readyOf(
  query: URLSearchParams,
  { user, servers: mine, status }: Loaded,
  own: readonly JoinResult[],
  joined: readonly JoinResult[],
): Ready {
  const all = [...own, ...joined];
  const { asked, after } = resumePoint(query);
  // A number that the stream has not reached yet is of another stream: nothing can be said about what was missed.
  const reached = after !== undefined && after <= Math.max(...all.map((result) => result.position));
  const resumed = reached && joined.every((result) => result.recovered?.complete === true);
  // What was missed is still to be written: whoever loses the connection before it comes has to ask for it again.
  const pointOf = ({ position, recovered }: JoinResult): number =>
    resumed && recovered !== undefined && recovered.count > 0 ? after : position;
  const points = new Map(joined.map((result) => [result.subject, pointOf(result)]));
  return {
    op: 'DISPATCH',
    t: 'READY',
    d: {
      user: {
        id: user.id,
        username: user.username,
        email: user.email,
        avatar_url: user.avatarUrl,
        status,
        created_at: user.createdAt,
      },
      servers: mine.map((server) => ({
        id: server.id,
        name: server.name,
        description: server.description,
        owner_id: server.ownerId,
        member_count: server.memberCount,
        created_at: server.createdAt,
        sequence: points.get(serverEvent.subject(server.id)) ?? 0,
      })),
      sequence: Math.min(...all.map(pointOf)),
      ...(asked ? { resumed } : {}),
    },
  };
}

/** Extension: `?since=` with the last sequence that the client has seen. What cannot be read is too old. */
function resumePoint(query: URLSearchParams): { readonly asked: boolean; readonly after: number | undefined } {
  const since = query.get('since');
  if (since === null) return { asked: false, after: undefined };
  return { asked: true, after: /^\d{1,15}$/.test(since) ? Number(since) : undefined };
}

function recovering(
  subject: string,
  after: number | undefined,
  reach: { readonly limit: number; readonly maxAgeSeconds: number },
): JoinRequest {
  return after === undefined ? { subject } : { subject, recover: { after, ...reach } };
}
