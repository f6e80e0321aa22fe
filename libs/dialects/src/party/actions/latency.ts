import { sessions } from '@parley/contracts';
import { none, type Commands } from '../../command.js';
import type { MemberScope } from './scope.js';

/** Smaller differences are not worth a message. */
const NOTICEABLE_MS = 5;
const NOTICEABLE_PART = 0.1;
/** The service forgets what it has not heard for longer. */
const REPEAT_MS = 30_000;

/** Tells what was measured; nobody waits for it, and the next one is as good. */
export function tellLatency(member: MemberScope, roundTripMs: number): Commands {
  const { sessionId, scope, told } = member;
  const [ms, now] = [Math.round(roundTripMs), scope.context.now()];
  if (told !== undefined && now - told.at < REPEAT_MS) {
    const change = Math.abs(ms - told.ms);
    if (change < Math.max(NOTICEABLE_MS, told.ms * NOTICEABLE_PART)) return none;
  }
  member.told = { ms, at: now };
  const request = { sessionId, connectionId: scope.context.connectionId, latency: ms };
  return [
    {
      kind: 'background',
      perform: async (caller) => {
        await caller.call(sessions.measured, request);
        return none;
      },
    },
  ];
}
