import { sessions } from '@parley/contracts';
import type { Caller, Commands } from '../../command.js';
import { memberList, reply } from '../encode.js';
import { refuseError } from '../errors.js';
import { speech, type MemberScope } from './scope.js';

const ATTEMPTS = 3;

/**
 * The list as it is now. Events come another way than the answer: when one came meanwhile, the list may be older than what
 * the client has been told, and is asked for again.
 */
export function listMembers(member: MemberScope): Commands {
  const { sessionId, scope } = member;
  const perform = async (caller: Caller): Promise<Commands> => {
    for (let attempt = 1; ; attempt++) {
      const seenBefore = member.seen;
      const listed = await caller.call(sessions.members, { sessionId });
      if (!listed.ok) return refuseError(speech(scope), listed.error);
      if (member.seen !== seenBefore && attempt < ATTEMPTS) continue;
      return [reply(scope.form, memberList(scope.context.now(), listed.value.members))];
    }
  };
  return [{ kind: 'call', perform }];
}
