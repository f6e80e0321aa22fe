import {
  ok,
  type ConnectionId,
  type GatewayId,
  type Outcome,
  type SessionId,
  type TransportErrorCode,
} from '@parley/contracts';
import type { Latencies } from './latencies.js';
import type { MemberRepository } from './member.repository.js';
import type { RemoveMember } from './remove-member.js';
import { connectionsLost } from './session.metrics.js';
import type { SessionRepository } from './session.repository.js';
import type { Member } from './session.js';
import type { Change, SessionWriter } from './session-writer.js';
import type { StatusNews } from './status-news.js';

export type LossReason = 'gone' | 'timeout' | 'error';

export interface LoseParts {
  readonly writer: SessionWriter;
  readonly sessions: SessionRepository;
  readonly members: MemberRepository;
  readonly remove: RemoveMember;
  readonly news: StatusNews;
  readonly latencies: Latencies;
}

/** Connections that ended without a word: whose place is held, and whose is given up. */
export class LoseConnections {
  readonly #parts: LoseParts;

  constructor(parts: LoseParts) {
    this.#parts = parts;
  }

  one(
    sessionId: SessionId,
    connectionId: ConnectionId,
    why: LossReason,
    noticed: 'gateway' | 'roll_call' = 'gateway',
  ): Promise<Outcome<object, TransportErrorCode>> {
    return this.#lose(sessionId, ({ link }) => link?.connectionId === connectionId, why, noticed);
  }

  allOn(gatewayId: GatewayId, sessionId: SessionId): Promise<Outcome<object, TransportErrorCode>> {
    return this.#lose(sessionId, ({ link }) => link?.gatewayId === gatewayId, 'gone', 'gateway_lost');
  }

  /** The places of these members are held from now on. As part of a change that has locked their session. */
  async hold({ trx, now }: Change, members: readonly Member[]): Promise<void> {
    await this.#parts.members.unlink(
      trx,
      members.map(({ id }) => id),
      now,
    );
    await this.#parts.sessions.touch(trx, [...new Set(members.map(({ sessionId }) => sessionId))], now, true);
    for (const { link } of members) if (link !== null) this.#parts.latencies.forget(link.connectionId);
  }

  async #lose(
    sessionId: SessionId,
    isLost: (member: Member) => boolean,
    why: LossReason,
    noticed: 'gateway' | 'roll_call' | 'gateway_lost',
  ): Promise<Outcome<object, TransportErrorCode>> {
    const written = await this.#parts.writer.change(sessionId, async (change) => {
      if ((await this.#parts.sessions.lock(change.trx, sessionId)) === undefined) return false;
      const lost = (await this.#parts.members.of(sessionId, change.trx)).filter(isLost);
      const held = lost.filter(({ isHost }) => isHost || why === 'gone');
      if (held.length > 0) await this.hold(change, held);
      const reason = why === 'gone' ? 'timeout' : why;
      await this.#parts.remove.within(
        change,
        lost.filter((member) => !held.includes(member)),
        reason,
      );
      connectionsLost.add(lost.length, { noticed });
      return held.length > 0;
    });
    if (!written.ok) return written;
    if (written.value) this.#parts.news.changed(sessionId);
    return ok({});
  }
}
