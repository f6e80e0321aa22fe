import { compile, MemberId, sessions } from '@parley/contracts';
import { call, none, type Commands } from '../../command.js';
import { refuse, refuseError } from '../errors.js';
import type { UpCloseSession, UpKick } from '../up.js';
import { speech, type MemberScope } from './scope.js';

const memberIdCheck = compile(MemberId);

/** What the host may order; whether it is the host, the service knows. What follows comes as events. */
export function kick(member: MemberScope, { memberId, reason }: UpKick): Commands {
  if (!memberIdCheck.is(memberId)) return noSuchMember(member);
  const request = { ...orderOf(member, reason), memberId };
  return [
    call(sessions.kick, request, (outcome) => {
      if (outcome.ok) return none;
      return outcome.error.code === 'not_found'
        ? noSuchMember(member)
        : refuseError(speech(member.scope), outcome.error);
    }),
  ];
}

export function closeSession(member: MemberScope, { reason }: UpCloseSession): Commands {
  return [
    call(sessions.close, orderOf(member, reason), (outcome) =>
      outcome.ok ? none : refuseError(speech(member.scope), outcome.error),
    ),
  ];
}

function noSuchMember({ scope }: MemberScope): Commands {
  return refuse(speech(scope), 'invalid_message', 'memberId: no such member', { field: 'memberId' });
}

function orderOf({ sessionId, scope }: MemberScope, reason: string | undefined) {
  const authority = { by: 'connection', connectionId: scope.context.connectionId } as const;
  return { sessionId, authority, ...(reason === undefined ? {} : { reason }) };
}
