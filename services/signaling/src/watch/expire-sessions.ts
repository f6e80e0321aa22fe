import type { Clock } from '../clock.js';
import type { EndSessions } from './end-sessions.js';
import type { Steadiness } from './steadiness.js';
import type { Deadlines, WatchSessionRepository } from './watch-session.repository.js';
import type { WatchWriter } from './watch-writer.js';

/** In one pass of one shard; what is left is found by the next. */
const BATCH = 200;
const FORGET_BATCH = 1_000;
const DAY_MS = 86_400_000;

export interface ExpireParts {
  readonly writer: WatchWriter;
  readonly sessions: WatchSessionRepository;
  readonly end: EndSessions;
  readonly steadiness: Steadiness;
  readonly held: () => readonly number[];
  readonly clock: Clock;
  readonly times: {
    readonly answerMs: number;
    readonly sessionMs: number;
    readonly watchGraceMs: number;
    readonly watchHistoryDays: number;
  };
}

/** Ends the sessions that nobody answered, that have lasted too long, and whose device or viewer did not come back. */
export class ExpireSessions {
  readonly #parts: ExpireParts;

  constructor(parts: ExpireParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { sessions, steadiness, held, clock } = this.#parts;
    const steady = new Set(steadiness.shards());
    const shaky = held().filter((shard) => !steady.has(shard));
    for (const [shards, isSteady] of [
      [[...steady], true],
      [shaky, false],
    ] as const) {
      if (shards.length === 0) continue;
      const due = await sessions.shardsDue(shards, this.#deadlines(clock(), isSteady));
      for (const shard of due) await this.#shard(shard, isSteady);
    }
  }

  /** What is too old to be asked for. */
  async forget(): Promise<void> {
    const { sessions, held, clock, times } = this.#parts;
    const shards = held();
    if (shards.length === 0) return;
    const endedBefore = clock() - times.watchHistoryDays * DAY_MS;
    while ((await sessions.forget(shards, endedBefore, FORGET_BATCH)) === FORGET_BATCH);
  }

  async #shard(shard: number, isSteady: boolean): Promise<void> {
    const { writer, sessions, end } = this.#parts;
    await writer.change(shard, async (change) => {
      const due = await sessions.due(change.trx, shard, this.#deadlines(change.now, isSteady), BATCH);
      for (const reason of new Set(due.map((session) => session.reason))) {
        await end.within(
          change,
          due.filter((session) => session.reason === reason),
          reason,
        );
      }
    });
  }

  /** In a shard that was not served steadily nobody is missed yet. */
  #deadlines(now: number, isSteady: boolean): Deadlines {
    const { answerMs, sessionMs, watchGraceMs } = this.#parts.times;
    return {
      requestedBefore: now - answerMs,
      startedBefore: now - sessionMs,
      lostBefore: isSteady ? now - watchGraceMs : undefined,
    };
  }
}
