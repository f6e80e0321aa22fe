import {
  compile,
  fail,
  messaging,
  presence,
  presenceChanged,
  topicMessage,
  UserId,
  type HistoryRule,
  type TopicPattern,
} from '@parley/contracts';
import { call, none, type Caller, type Commands, type JoinRequest, type JoinResult } from '../../command.js';
import type { Down, Recovered } from '../down.js';
import { acknowledge, presenceOf, reply } from '../encode.js';
import { refuse } from '../errors.js';
import type { UpSubscribe, UpUnsubscribe } from '../up.js';
import { actorOf, type Scope } from './scope.js';

type SubscribedDetails = Extract<Down, { type: 'Status'; data: { status: 'subscribed' } }>['data']['details'];
type PresenceDetails = NonNullable<SubscribedDetails['presence']>;

const MAX_LISTED = 1_000;
const userIdCheck = compile(UserId);

/** All or nothing: one topic refused, and nothing is subscribed. */
export function subscribe(scope: Scope, message: UpSubscribe): Commands {
  const patterns = [...new Set(message.data.topics)];
  const limit = scope.context.limits.subscriptions;
  const wanted = new Set([...scope.patterns, ...patterns]);
  if (wanted.size > limit) {
    return refuse(fail('limit_exceeded', `A connection has ${limit} subscriptions at most`).error, message.id);
  }
  return [
    call(messaging.authorizeTopics, { actor: actorOf(scope.login), patterns }, (authorized) => {
      if (!authorized.ok) return refuse(authorized.error, message.id);
      const { answers } = authorized.value;
      const refused = patterns.filter((_, index) => answers[index]?.allowed !== true);
      if (refused.length > 0) {
        const { error } = fail('forbidden', `Not allowed to subscribe to ${refused.slice(0, 10).join(', ')}`);
        return refuse(error, message.id, { topics: refused });
      }
      const rules = new Map(patterns.map((pattern, index) => [pattern, answers[index]?.history]));
      return join(scope, message, patterns, rules);
    }),
  ];
}

type HistoryRules = ReadonlyMap<TopicPattern, HistoryRule | undefined>;

function join(scope: Scope, message: UpSubscribe, patterns: readonly TopicPattern[], rules: HistoryRules): Commands {
  // A map: topics may be called what every object has, such as `constructor`.
  const recover = new Map(Object.entries(message.data.recover ?? {}));
  // Joining again would replay nothing, so a subscription that is to be recovered is begun anew.
  const anew = patterns.filter((pattern) => scope.patterns.has(pattern) && recover.has(pattern));
  return [
    ...(anew.length === 0 ? [] : [{ kind: 'leave', subjects: anew.map((one) => topicMessage.subject(one)) } as const]),
    {
      kind: 'join',
      requests: patterns.flatMap((pattern) => joinRequests(pattern, recover.get(pattern), rules.get(pattern))),
      then: (joined) => {
        if (!joined.ok) {
          return [...drop(scope, anew), ...refuse(joined.error, message.id)];
        }
        for (const pattern of patterns) scope.patterns.add(pattern);
        const recovered = recoveredOf([...recover.keys()], joined.value);
        return [{ kind: 'call', perform: (caller) => subscribed(scope, caller, message.id, patterns, recovered) }];
      },
    },
  ];
}

function joinRequests(
  pattern: TopicPattern,
  after: number | undefined,
  rule: HistoryRule | undefined,
): readonly JoinRequest[] {
  const subject = topicMessage.subject(pattern);
  const recover = { limit: rule?.messages ?? 0, maxAgeSeconds: rule?.seconds ?? 0 };
  const watched = watchedUser(pattern);
  return [
    after === undefined ? { subject } : { subject, recover: { after, ...recover } },
    ...(watched === undefined ? [] : [{ subject: presenceChanged.subject(watched) }]),
  ];
}

function recoveredOf(topics: readonly string[], joined: readonly JoinResult[]): Record<string, Recovered> {
  const results = new Map(joined.map((result) => [result.subject, result]));
  const entries = topics.map((topic) => {
    const result = results.get(topicMessage.subject(topic));
    const { complete, count } = result?.recovered ?? { complete: false, count: 0 };
    return [topic, { recovered: complete, messages: count, sequence: result?.position ?? 0 }] as const;
  });
  return Object.fromEntries(entries);
}

/** Told before anything live: events are held until this is done. */
async function subscribed(
  scope: Scope,
  caller: Caller,
  id: string | undefined,
  topics: readonly TopicPattern[],
  recovered: Record<string, Recovered>,
): Promise<Commands> {
  const watched = topics.map(watchedUser).filter((user) => user !== undefined);
  const online = watched.length === 0 ? undefined : await presences(caller, watched);
  const details: SubscribedDetails = {
    topics: [...topics],
    active_subscriptions: scope.patterns.size,
    ...(Object.keys(recovered).length === 0 ? {} : { recovered }),
    ...(online === undefined ? {} : { presence: online }),
  };
  const status: Down = { type: 'Status', data: { status: 'subscribed', details } };
  return [reply(status), ...acknowledge(id, 'subscribed')];
}

/** Undefined when presence cannot be asked: the subscription stands nevertheless. */
async function presences(caller: Caller, watched: readonly string[]): Promise<PresenceDetails | undefined> {
  if (watched.includes(EVERYONE)) {
    const online = await caller.call(presence.online, { limit: MAX_LISTED });
    return online.ok ? { users: online.value.presences.map(presenceOf), total: online.value.total } : undefined;
  }
  const found = await caller.call(presence.lookup, { userIds: watched.filter((user) => userIdCheck.is(user)) });
  if (!found.ok) return undefined;
  const users = found.value.presences.filter((one) => one.status !== 'offline').map(presenceOf);
  return { users, total: users.length };
}

const EVERYONE = '*';

/** `presence.<user id>` and `presence.*` hear presence changes beside what is published on the topic itself. */
function watchedUser(pattern: TopicPattern): string | undefined {
  const [first, user, more] = pattern.split('.');
  if (first !== 'presence' || user === undefined || more !== undefined) return undefined;
  if (user === EVERYONE || user === '>') return EVERYONE;
  return userIdCheck.is(user) ? user : undefined;
}

export function unsubscribe(scope: Scope, message: UpUnsubscribe): Commands {
  const topics = [...new Set(message.data.topics)];
  const left = drop(scope, topics);
  const details = { topics, active_subscriptions: scope.patterns.size };
  return [
    ...left,
    reply({ type: 'Status', data: { status: 'unsubscribed', details } }),
    ...acknowledge(message.id, 'unsubscribed'),
  ];
}

/** Leaves what no other pattern needs: `presence.*` and `presence.>` share a subject. */
function drop(scope: Scope, patterns: readonly TopicPattern[]): Commands {
  const before = subjectsOf(scope.patterns);
  for (const pattern of patterns) scope.patterns.delete(pattern);
  const after = subjectsOf(scope.patterns);
  const subjects = [...before].filter((subject) => !after.has(subject));
  return subjects.length === 0 ? none : [{ kind: 'leave', subjects }];
}

function subjectsOf(patterns: Iterable<TopicPattern>): ReadonlySet<string> {
  const requests = [...patterns].flatMap((pattern) => joinRequests(pattern, undefined, undefined));
  return new Set(requests.map((request) => request.subject));
}
