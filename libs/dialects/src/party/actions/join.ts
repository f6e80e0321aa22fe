import {
  compile,
  fail,
  partyEvent,
  SessionId,
  sessions,
  unreachable,
  type AppError,
  type Outcome,
} from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { call, close, type Commands, type Login } from '../../command.js';
import { memberList, reply, welcome } from '../encode.js';
import { closeCode, lastWords, refuse, tryAgainLater } from '../errors.js';
import { guestLogin, withToken, type Credentials } from '../handshake.js';
import type { UpJoin } from '../up.js';
import { version } from '../version.js';
import { tokenTimer } from './renew.js';
import { speech, type Scope } from './scope.js';

const sessionIdCheck = compile(SessionId);

type Reply = Static<(typeof sessions.join)['reply']>;
export type Joined = Extract<Reply, { readonly result: 'joined' }>;

/** What the session wants to know on the way. */
export interface JoinSteps {
  readonly credentials: Credentials;
  /** From here on the place may be ours, whatever is answered. */
  asking(sessionId: SessionId): void;
  joined(sessionId: SessionId, reply: Joined): Commands;
  /** Not in any session; what was said already comes before it. */
  refused(): Commands;
}

/**
 * The version is looked at, then the token; then the connection becomes somebody's; then it listens to the session, so that
 * nothing is missed; then it asks for a place.
 */
export function join(scope: Scope, steps: JoinSteps, message: UpJoin): Commands {
  const { protocolVersion, sessionId, token } = message;
  if (protocolVersion !== undefined && protocolVersion !== version) {
    const named = JSON.stringify(protocolVersion).slice(0, 40);
    const told = `Protocol version ${named} is not supported`;
    return [...refuse(speech(scope), 'version_mismatch', told, { supported: [version] }), ...steps.refused()];
  }
  if (!sessionIdCheck.is(sessionId)) return notFound(scope, steps, sessionId);
  return withToken(steps.credentials, token, (credentials) => {
    if (!credentials.ok) return lastWords(speech(scope), credentials.error.message, 'unauthorized');
    const { account, hostToken } = credentials.value;
    // Once it is somebody's it stays theirs.
    if (scope.login !== undefined) return listen(scope, steps, { ...message, sessionId }, hostToken, scope.login);
    const login = account ?? guestLogin(message.deviceInfo.name);
    return [
      {
        kind: 'log-in',
        login,
        then: (counted) => {
          if (!counted.ok) return [close(closeCode.policy, 'too many connections')];
          scope.login = login;
          return [...tokenTimer(login), ...listen(scope, steps, { ...message, sessionId }, hostToken, login)];
        },
      },
    ];
  });
}

type Request = UpJoin & { readonly sessionId: SessionId };

function listen(
  scope: Scope,
  steps: JoinSteps,
  message: Request,
  hostToken: string | undefined,
  { userId, guest }: Login,
): Commands {
  const { sessionId, deviceInfo: device } = message;
  const { connectionId, gatewayId } = scope.context;
  const by = { userId, guest: guest !== undefined, connectionId, gatewayId };
  const request = { sessionId, device, ...by, ...(hostToken === undefined ? {} : { hostToken }) };
  return [
    {
      kind: 'join',
      requests: [{ subject: partyEvent.subject(sessionId) }],
      then: (listening) => {
        if (!listening.ok) return tryAgainLater();
        steps.asking(sessionId);
        return [call(sessions.join, request, (outcome) => answered(scope, steps, message, outcome))];
      },
    },
  ];
}

function answered(scope: Scope, steps: JoinSteps, message: Request, outcome: Outcome<Reply>): Commands {
  const { sessionId, deviceInfo } = message;
  const stop: Commands = [{ kind: 'leave', subjects: [partyEvent.subject(sessionId)] }];
  if (!outcome.ok) {
    switch (outcome.error.code) {
      case 'not_found':
        return [...stop, ...notFound(scope, steps, sessionId)];
      case 'unauthenticated':
        return [...stop, ...unauthorized(scope, steps, outcome.error)];
      case 'internal':
      case 'invalid':
        return [close(closeCode.internal, 'internal error')];
      default:
        return tryAgainLater();
    }
  }
  const said = outcome.value;
  switch (said.result) {
    case 'joined':
      return welcomed(scope, steps, sessionId, said);
    case 'full': {
      const { maxMembers, currentMembers } = said;
      const told = `Session has reached maximum capacity (${maxMembers} members)`;
      const error = refuse(speech(scope), 'session_full', told, { maxMembers, currentMembers });
      return [...stop, ...error, ...steps.refused()];
    }
    case 'already_joined': {
      const told = 'Device is already connected to this session';
      const error = refuse(speech(scope), 'already_joined', told, { deviceId: deviceInfo.id });
      return [...stop, ...error, ...steps.refused()];
    }
    default:
      return unreachable(said);
  }
}

function welcomed(scope: Scope, steps: JoinSteps, sessionId: SessionId, said: Joined): Commands {
  const { memberId, session, members, position } = said;
  const now = scope.context.now();
  return [
    { kind: 'skip', subject: partyEvent.subject(sessionId), upTo: position },
    reply(scope.form, welcome(now, session, memberId, members)),
    reply(scope.form, memberList(now, members)),
    ...steps.joined(sessionId, said),
  ];
}

function notFound(scope: Scope, steps: JoinSteps, sessionId: string): Commands {
  const error = refuse(speech(scope), 'session_not_found', 'Session not found', { sessionId });
  return [...error, ...steps.refused()];
}

function unauthorized(scope: Scope, steps: JoinSteps, { message }: AppError): Commands {
  return [...refuse(speech(scope), 'unauthorized', message), ...steps.refused()];
}

export const alreadyHere = fail('conflict', 'This connection is in a session already').error.message;
