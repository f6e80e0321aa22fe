import type { SessionId } from '@parley/contracts';
import type { Latencies } from './latencies.js';
import type { MemberRepository } from './member.repository.js';
import type { SessionRepository } from './session.repository.js';
import type { SessionWriter } from './session-writer.js';

/** What happens to the members of a session within this time is told at once: a gateway's end is one change, not hundreds. */
const GATHER_MS = 100;
const MOST_AT_ONCE = 1_000;

/**
 * Tells the members of sessions in which somebody's connection came, went or was given up. Sessions that still have to be
 * told are marked in the database, so that the next owner does it.
 */
export class StatusNews {
  readonly #writer: SessionWriter;
  readonly #sessions: SessionRepository;
  readonly #members: MemberRepository;
  readonly #latencies: Latencies;
  readonly #held: () => readonly number[];
  readonly #waiting = new Set<SessionId>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    writer: SessionWriter,
    sessions: SessionRepository,
    members: MemberRepository,
    latencies: Latencies,
    held: () => readonly number[],
  ) {
    this.#writer = writer;
    this.#sessions = sessions;
    this.#members = members;
    this.#latencies = latencies;
    this.#held = held;
  }

  /** Committed already. Whom there is no room for, the next sweep finds. */
  changed(sessionId: SessionId): void {
    if (this.#waiting.size >= MOST_AT_ONCE) return;
    this.#waiting.add(sessionId);
    this.#timer ??= setTimeout(() => void this.#tellAll(), GATHER_MS).unref();
  }

  /** Those that an owner before, or a failure, left untold. */
  async sweep(): Promise<void> {
    const left = await this.#sessions.untold(this.#held(), MOST_AT_ONCE);
    for (const sessionId of left) this.changed(sessionId);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  async #tellAll(): Promise<void> {
    this.#timer = undefined;
    const all = [...this.#waiting];
    this.#waiting.clear();
    // What fails stays marked.
    await Promise.allSettled(all.map((sessionId) => this.#tell(sessionId)));
  }

  async #tell(sessionId: SessionId): Promise<void> {
    await this.#writer.change(sessionId, async ({ trx, tell }) => {
      if ((await this.#sessions.lock(trx, sessionId)) === undefined) return;
      const members = await this.#members.of(sessionId, trx);
      await this.#sessions.told(trx, sessionId);
      if (members.length > 0) tell(sessionId, { type: 'members', members: this.#latencies.show(members) });
    });
  }
}
