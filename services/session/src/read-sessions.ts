import {
  fail,
  ok,
  type Outcome,
  type PartyMember,
  type PartySession,
  type SessionId,
  type TransportErrorCode,
} from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Latencies } from './latencies.js';
import type { MemberRepository } from './member.repository.js';
import type { SessionRepository } from './session.repository.js';
import { partySession } from './session.js';

/** What can be asked of sessions. Latencies are known to the owner of a session alone. */
export class ReadSessions {
  readonly #sessions: SessionRepository;
  readonly #members: MemberRepository;
  readonly #latencies: Latencies;

  constructor(sessions: SessionRepository, members: MemberRepository, latencies: Latencies) {
    this.#sessions = sessions;
    this.#members = members;
    this.#latencies = latencies;
  }

  list(
    before: SessionId | undefined,
    limit: number,
  ): Promise<Outcome<{ readonly sessions: PartySession[]; readonly more: boolean }, TransportErrorCode>> {
    return attempt(async () => {
      const found = await this.#sessions.list(before, limit + 1);
      return { sessions: found.slice(0, limit), more: found.length > limit };
    });
  }

  async get(
    sessionId: SessionId,
  ): Promise<
    Outcome<{ readonly session: PartySession; readonly members: PartyMember[] }, 'not_found' | TransportErrorCode>
  > {
    const read = await attempt(async () => {
      const session = await this.#sessions.load(sessionId);
      if (session === undefined) return undefined;
      const members = await this.#members.of(sessionId);
      return { session: partySession(session, members.length), members: this.#latencies.show(members) };
    });
    if (!read.ok) return read;
    return read.value === undefined ? fail('not_found', 'Session not found') : ok(read.value);
  }
}
