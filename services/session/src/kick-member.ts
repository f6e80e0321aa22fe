import {
  fail,
  ok,
  type Authority,
  type MemberId,
  type Outcome,
  type SessionId,
  type TransportErrorCode,
} from '@parley/contracts';
import { mayDirect } from './authority.js';
import type { MemberRepository } from './member.repository.js';
import type { RemoveMember } from './remove-member.js';
import type { SessionRepository } from './session.repository.js';
import type { SessionWriter } from './session-writer.js';

const REASON = 'Host removed you from the session';

export class KickMember {
  readonly #writer: SessionWriter;
  readonly #sessions: SessionRepository;
  readonly #members: MemberRepository;
  readonly #remove: RemoveMember;

  constructor(writer: SessionWriter, sessions: SessionRepository, members: MemberRepository, remove: RemoveMember) {
    this.#writer = writer;
    this.#sessions = sessions;
    this.#members = members;
    this.#remove = remove;
  }

  async run(
    sessionId: SessionId,
    authority: Authority,
    memberId: MemberId,
    reason = REASON,
  ): Promise<Outcome<object, 'not_found' | 'forbidden' | TransportErrorCode>> {
    const written = await this.#writer.change(sessionId, async (change) => {
      const session = await this.#sessions.lock(change.trx, sessionId);
      if (session === undefined) return fail('not_found', 'Session not found');
      const members = await this.#members.of(sessionId, change.trx);
      if (!mayDirect(authority, session, members)) return fail('forbidden', 'Only the host can remove members');
      const member = members.find(({ id }) => id === memberId);
      if (member === undefined) return fail('not_found', 'No such member');
      if (member.isHost) return fail('forbidden', 'The host cannot be removed; the session can be closed');
      const connectionId = member.link?.connectionId ?? null;
      change.tell(sessionId, { type: 'kicked', memberId, connectionId, reason });
      await this.#remove.within(change, [member], 'kicked');
      return ok({});
    });
    return written.ok ? written.value : written;
  }
}
