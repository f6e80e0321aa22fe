import {
  fail,
  ok,
  shardOf,
  type ConnectionId,
  type Outcome,
  type TransportErrorCode,
  type UserId,
  type WatchSessionId,
} from '@parley/contracts';
import type { EndSessions } from './end-sessions.js';
import type { WatchSessionRepository } from './watch-session.repository.js';
import type { WatchWriter } from './watch-writer.js';

type Done = Outcome<object, 'not_found' | 'forbidden' | TransportErrorCode>;

/** Its viewer has seen enough. */
export class EndWatch {
  readonly #writer: WatchWriter;
  readonly #sessions: WatchSessionRepository;
  readonly #end: EndSessions;

  constructor(writer: WatchWriter, sessions: WatchSessionRepository, end: EndSessions) {
    this.#writer = writer;
    this.#sessions = sessions;
    this.#end = end;
  }

  async run(sessionId: WatchSessionId, userId: UserId, connectionId: ConnectionId): Promise<Done> {
    const written = await this.#writer.change(shardOf(sessionId), async (change): Promise<Done> => {
      const session = await this.#sessions.live(sessionId, change.trx);
      if (session === undefined) return fail('not_found', 'Session not found');
      if (session.userId !== userId) return fail('forbidden', 'Unauthorized');
      await this.#end.within(change, [session], 'user_ended', connectionId);
      return ok({});
    });
    return written.ok ? written.value : written;
  }
}
