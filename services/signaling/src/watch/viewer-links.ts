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
import { attempt } from '@parley/database';
import { inParallel } from '@parley/service';
import type { Link, Loss } from './device.js';
import type { EndSessions } from './end-sessions.js';
import type { HeldSignals } from './held-signals.repository.js';
import { releaseHeld } from './release-held.js';
import { partiesLost } from './watch.metrics.js';
import type { Ended, WatchSessionRepository } from './watch-session.repository.js';
import type { WatchWriter } from './watch-writer.js';

/** Asked of whoever owns the session's shard. */
export interface AskOwner {
  resume(
    sessionId: WatchSessionId,
    userId: UserId,
    viewer: Link,
  ): Promise<Outcome<unknown, 'not_found' | TransportErrorCode>>;
  lose(
    sessionId: WatchSessionId,
    connectionId: ConnectionId,
    final: boolean,
  ): Promise<Outcome<unknown, TransportErrorCode>>;
}

/** Tells one connection that a session has ended; at once, and in no order with what is told of others. */
export type TellEnded = (to: ConnectionId, ended: Ended) => Promise<Outcome<unknown, TransportErrorCode>>;

/** More than anybody watches at once. */
const SESSIONS = 100;
const AT_ONCE = 8;

export interface ViewerParts {
  readonly writer: WatchWriter;
  readonly sessions: WatchSessionRepository;
  readonly held: HeldSignals;
  readonly end: EndSessions;
  readonly askOwner: AskOwner;
  readonly tellEnded: TellEnded;
}

/** By which connections viewers are reached. A user's sessions lie in the shards of the devices, so any replica asks their owners. */
export class ViewerLinks {
  readonly #writer: WatchWriter;
  readonly #sessions: WatchSessionRepository;
  readonly #held: HeldSignals;
  readonly #end: EndSessions;
  readonly #owner: AskOwner;
  readonly #tellEnded: TellEnded;

  constructor({ writer, sessions, held, end, askOwner, tellEnded }: ViewerParts) {
    this.#writer = writer;
    this.#sessions = sessions;
    this.#held = held;
    this.#end = end;
    this.#owner = askOwner;
    this.#tellEnded = tellEnded;
  }

  /**
   * Sessions that cannot be resumed now go on waiting; a signal over this connection resumes them too. Those it names that
   * have ended, it is told to have ended: it may not have heard.
   */
  async connect(
    userId: UserId,
    viewer: Link,
    named?: readonly WatchSessionId[],
  ): Promise<Outcome<{ readonly sessionIds: WatchSessionId[] }, TransportErrorCode>> {
    const lost = await attempt(() => this.#sessions.ofViewer(userId, 'lost', SESSIONS));
    if (!lost.ok) return lost;
    const sessionIds: WatchSessionId[] = [];
    const wanted = lost.value.filter((id) => named?.includes(id) ?? true);
    await inParallel(wanted, AT_ONCE, async (id) => {
      const resumed = await this.#owner.resume(id, userId, viewer);
      if (resumed.ok) sessionIds.push(id);
    });
    if (named !== undefined && named.length > 0) {
      const over = await attempt(() => this.#sessions.endedOf(userId, named));
      if (!over.ok) return over;
      for (const ended of over.value) {
        const told = await this.#tellEnded(viewer.connectionId, ended);
        if (!told.ok) return told;
      }
    }
    return ok({ sessionIds });
  }

  /** Fails when an owner cannot be asked now: whoever tells us tells us again. */
  async disconnect(
    userId: UserId,
    connectionId: ConnectionId,
    final = false,
  ): Promise<Outcome<object, TransportErrorCode>> {
    const left = await attempt(() => this.#sessions.ofViewer(userId, connectionId, SESSIONS));
    if (!left.ok) return left;
    let failure: Outcome<never, TransportErrorCode> | undefined;
    await inParallel(left.value, AT_ONCE, async (id) => {
      const told = await this.#owner.lose(id, connectionId, final);
      if (!told.ok) failure = told;
    });
    return failure ?? ok({});
  }

  /** Only one that has lost its viewer: who holds on to it keeps it. */
  async resume(
    sessionId: WatchSessionId,
    userId: UserId,
    viewer: Link,
  ): Promise<Outcome<object, 'not_found' | TransportErrorCode>> {
    const written = await this.#writer.change(shardOf(sessionId), async (change) => {
      const session = await this.#sessions.live(sessionId, change.trx);
      if (session?.userId !== userId || session.viewer !== null) return gone;
      await this.#sessions.connectViewer(change.trx, sessionId, viewer, change.now);
      await releaseHeld(this.#held, change, session, 'viewer', viewer);
      return ok({});
    });
    return written.ok ? written.value : written;
  }

  async lose(
    sessionId: WatchSessionId,
    connectionId: ConnectionId,
    { noticed = 'gateway', final = false }: Loss = {},
  ): Promise<Outcome<object, TransportErrorCode>> {
    const written = await this.#writer.change(shardOf(sessionId), async (change) => {
      const { trx, now } = change;
      if (!(await this.#sessions.loseViewer(trx, sessionId, connectionId, now))) return false;
      const session = final ? await this.#sessions.live(sessionId, trx) : undefined;
      if (session !== undefined) await this.#end.within(change, [session], 'viewer_disconnected');
      return true;
    });
    if (!written.ok) return written;
    if (written.value) partiesLost.add(1, { noticed });
    return ok({});
  }
}

const gone = fail('not_found', 'Session not found');
