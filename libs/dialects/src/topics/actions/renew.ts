import { fail, messaging, type TopicPattern } from '@parley/contracts';
import { call, none, type Command, type Commands, type Login } from '../../command.js';
import { acknowledge, reply } from '../encode.js';
import { refuse } from '../errors.js';
import type { UpAuth } from '../up.js';
import { actorOf, type Scope } from './scope.js';
import { unsubscribe } from './subscribe.js';

export const EXPIRING_TIMER = 'token-expiring';
export const EXPIRED_TIMER = 'token-expired';
export const RECHECK_TIMER = 'recheck-subscriptions';
const WARNING_MS = 60_000;
const RECHECK_MS = 5_000;
/** As many as one request may name. */
const PATTERNS_PER_REQUEST = 1_000;

/** A warning before the token expires, and the end when it does. A time that has passed is due at once. */
export function tokenTimers({ expiresAt }: Login): Commands {
  return [
    { kind: 'timer', name: EXPIRING_TIMER, at: expiresAt - WARNING_MS },
    { kind: 'timer', name: EXPIRED_TIMER, at: expiresAt },
  ];
}

export function authStatus(status: 'token_expiring' | 'refreshed', { expiresAt }: Login): Commands {
  const data = { status, expires_at: expiresAt, refresh_required: status === 'token_expiring' };
  return [reply({ type: 'AuthStatus', data })];
}

/** A refused token changes nothing: the connection goes on with the one it has. */
export function renew(scope: Scope, message: UpAuth): Commands {
  return [
    {
      kind: 'authenticate',
      token: message.data.token,
      then: (verified) => {
        if (!verified.ok) return refuse(verified.error, message.id, { field: 'data.token' });
        const fresh = verified.value;
        if (fresh.userId !== scope.login.userId) {
          const { error } = fail('forbidden', 'The token belongs to another user', { field: 'data.token' });
          return refuse(error, message.id);
        }
        scope.login = fresh;
        return [
          { kind: 'renew', login: fresh },
          ...tokenTimers(fresh),
          ...authStatus('refreshed', fresh),
          ...acknowledge(message.id, 'refreshed'),
          ...dropForbidden(scope),
        ];
      },
    },
  ];
}

/** The fresh token may allow less than the old one did. What cannot be checked now is checked again until it can. */
export function dropForbidden(scope: Scope): Commands {
  const patterns = [...scope.patterns];
  const commands: Command[] = [];
  for (let from = 0; from < patterns.length; from += PATTERNS_PER_REQUEST) {
    commands.push(dropForbiddenOf(scope, patterns.slice(from, from + PATTERNS_PER_REQUEST)));
  }
  return commands;
}

function dropForbiddenOf(scope: Scope, patterns: TopicPattern[]): Command {
  return call(messaging.authorizeTopics, { actor: actorOf(scope.login), patterns }, (authorized) => {
    if (!authorized.ok) return [{ kind: 'timer', name: RECHECK_TIMER, at: scope.context.now() + RECHECK_MS }];
    const topics = patterns.filter((_, index) => authorized.value.answers[index]?.allowed !== true);
    return topics.length === 0 ? none : unsubscribe(scope, { type: 'Unsubscribe', data: { topics } });
  });
}
