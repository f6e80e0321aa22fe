import { ok, type Outcome, type WatchSession } from '@parley/contracts';
import type { HistoryQuery, WatchSessionRepository } from './watch-session.repository.js';

/** Any replica. */
export class ListSessions {
  readonly #sessions: WatchSessionRepository;

  constructor(sessions: WatchSessionRepository) {
    this.#sessions = sessions;
  }

  async run(
    query: HistoryQuery,
    limit: number,
  ): Promise<Outcome<{ readonly sessions: WatchSession[]; readonly more: boolean }, never>> {
    const found = await this.#sessions.history(query, limit + 1);
    return ok({ sessions: found.slice(0, limit), more: found.length > limit });
  }
}
