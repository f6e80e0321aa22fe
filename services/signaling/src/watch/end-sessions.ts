import type { ConnectionId, WatchEndReason } from '@parley/contracts';
import type { HeldSignals } from './held-signals.repository.js';
import type { LiveSession } from './live-session.js';
import { ended } from './watch.metrics.js';
import type { WatchSessionRepository } from './watch-session.repository.js';
import type { Change } from './watch-writer.js';

/** The only way in which sessions end: the rows say when and why, and both parties are told, as far as they are there. */
export class EndSessions {
  readonly #sessions: WatchSessionRepository;
  readonly #held: HeldSignals;

  constructor(sessions: WatchSessionRepository, held: HeldSignals) {
    this.#sessions = sessions;
    this.#held = held;
  }

  /** Of one shard, as part of a change there. `except`: a connection that knows already. */
  async within(
    { trx, now, tell }: Change,
    sessions: readonly LiveSession[],
    reason: WatchEndReason,
    except?: ConnectionId,
  ): Promise<void> {
    if (sessions.length === 0) return;
    const ids = sessions.map(({ id }) => id);
    const gone = await this.#sessions.end(trx, ids, reason, now);
    await this.#held.drop(trx, ids);
    for (const { id: sessionId, device, viewer } of sessions) {
      if (!gone.has(sessionId)) continue;
      for (const party of [device, viewer]) {
        if (party === null || party.connectionId === except) continue;
        tell(party.connectionId, { type: 'ended', sessionId, reason });
      }
    }
    ended.add(gone.size, { reason });
  }
}
