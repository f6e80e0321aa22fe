import type { LeaveReason } from '@parley/contracts';
import type { Latencies } from './latencies.js';
import type { MemberRepository } from './member.repository.js';
import { membersLeft } from './session.metrics.js';
import type { SessionRepository } from './session.repository.js';
import type { Member } from './session.js';
import type { Change } from './session-writer.js';

/** Ends memberships, in a session that goes on. */
export class RemoveMember {
  readonly #sessions: SessionRepository;
  readonly #members: MemberRepository;
  readonly #latencies: Latencies;

  constructor(sessions: SessionRepository, members: MemberRepository, latencies: Latencies) {
    this.#sessions = sessions;
    this.#members = members;
    this.#latencies = latencies;
  }

  /** Members of one shard, as part of a change there. */
  async within({ trx, now, tell }: Change, members: readonly Member[], reason: LeaveReason): Promise<void> {
    if (members.length === 0) return;
    await this.#members.remove(
      trx,
      members.map(({ id }) => id),
    );
    await this.#sessions.touch(trx, [...new Set(members.map(({ sessionId }) => sessionId))], now, false);
    for (const { id: memberId, name, sessionId, link } of members) {
      tell(sessionId, { type: 'member_left', memberId, name, reason });
      if (link !== null) this.#latencies.forget(link.connectionId);
    }
    membersLeft.add(members.length, { reason });
  }
}
