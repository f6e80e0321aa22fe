import { fail, ok, type Authority, type Outcome, type SessionId, type TransportErrorCode } from '@parley/contracts';
import { mayDirect } from './authority.js';
import type { MemberRepository } from './member.repository.js';
import { closed, type CloseCause } from './session.metrics.js';
import type { SessionRepository } from './session.repository.js';
import type { Change, SessionWriter } from './session-writer.js';

/** What members read when nobody said more. */
export const closeReasons: Record<CloseCause, string> = {
  host: 'Host ended the session',
  account: 'Host ended the session',
  host_gone: 'Host did not come back',
  idle: 'Session expired',
};

export class CloseSession {
  readonly #writer: SessionWriter;
  readonly #sessions: SessionRepository;
  readonly #members: MemberRepository;

  constructor(writer: SessionWriter, sessions: SessionRepository, members: MemberRepository) {
    this.#writer = writer;
    this.#sessions = sessions;
    this.#members = members;
  }

  async run(
    sessionId: SessionId,
    authority: Authority,
    reason: string | undefined,
  ): Promise<Outcome<object, 'not_found' | 'forbidden' | TransportErrorCode>> {
    const written = await this.#writer.change(sessionId, async (change) => {
      const session = await this.#sessions.lock(change.trx, sessionId);
      if (session === undefined) return fail('not_found', 'Session not found');
      if (!mayDirect(authority, session, await this.#members.of(sessionId, change.trx))) {
        return fail('forbidden', 'Only the host can close the session');
      }
      await this.within(change, sessionId, authority.by === 'user' ? 'account' : 'host', reason);
      return ok({});
    });
    return written.ok ? written.value : written;
  }

  /** As part of a change that has locked the session. */
  async within(change: Change, sessionId: SessionId, cause: CloseCause, reason = closeReasons[cause]): Promise<void> {
    if (!(await this.#sessions.remove(change.trx, sessionId))) return;
    change.tell(sessionId, { type: 'closed', reason });
    closed.add(1, { reason: cause });
  }
}
