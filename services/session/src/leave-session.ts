import { ok, type ConnectionId, type Outcome, type SessionId, type TransportErrorCode } from '@parley/contracts';
import type { CloseSession } from './close-session.js';
import { withConnection, type MemberRepository } from './member.repository.js';
import type { RemoveMember } from './remove-member.js';
import type { SessionRepository } from './session.repository.js';
import type { SessionWriter } from './session-writer.js';

/** A member says goodbye; when it is the host, that is the end of the session. */
export class LeaveSession {
  readonly #writer: SessionWriter;
  readonly #sessions: SessionRepository;
  readonly #members: MemberRepository;
  readonly #remove: RemoveMember;
  readonly #close: CloseSession;

  constructor(
    writer: SessionWriter,
    sessions: SessionRepository,
    members: MemberRepository,
    remove: RemoveMember,
    close: CloseSession,
  ) {
    this.#writer = writer;
    this.#sessions = sessions;
    this.#members = members;
    this.#remove = remove;
    this.#close = close;
  }

  async run(sessionId: SessionId, connectionId: ConnectionId): Promise<Outcome<object, TransportErrorCode>> {
    const written = await this.#writer.change(sessionId, async (change) => {
      if ((await this.#sessions.lock(change.trx, sessionId)) === undefined) return;
      const member = withConnection(await this.#members.of(sessionId, change.trx), connectionId);
      if (member === undefined) return;
      if (member.isHost) await this.#close.within(change, sessionId, 'host');
      else await this.#remove.within(change, [member], 'left');
    });
    return written.ok ? ok({}) : written;
  }
}
