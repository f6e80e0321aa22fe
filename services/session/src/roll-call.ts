import type { ConnectionId, MemberId, Outcome, UserId } from '@parley/contracts';
import type { Clock } from './clock.js';
import type { LoseConnections } from './lose-connections.js';
import type { MemberRepository } from './member.repository.js';
import type { Steadiness } from './steadiness.js';

/** Which of these connections are known to be gone. */
export type AskGone = (
  connections: readonly { readonly connectionId: ConnectionId; readonly userId: UserId }[],
) => Promise<Outcome<readonly ConnectionId[]>>;

const PAGE = 1_000;
/** A connection that came a moment ago may not have been reported to presence yet. */
const YOUNG_MS = 10_000;

/** Finds the connections whose end nobody told us of. An answer that does not come changes nothing. */
export class RollCall {
  readonly #members: MemberRepository;
  readonly #lose: LoseConnections;
  readonly #ask: AskGone;
  readonly #steadiness: Steadiness;
  readonly #clock: Clock;

  constructor(members: MemberRepository, lose: LoseConnections, ask: AskGone, steadiness: Steadiness, clock: Clock) {
    this.#members = members;
    this.#lose = lose;
    this.#ask = ask;
    this.#steadiness = steadiness;
    this.#clock = clock;
  }

  async run(): Promise<void> {
    const shards = this.#steadiness.shards();
    if (shards.length === 0) return;
    const connectedBefore = this.#clock() - YOUNG_MS;
    let after: MemberId | undefined;
    for (;;) {
      const page = await this.#members.connected(shards, connectedBefore, after, PAGE);
      if (page.length === 0) return;
      const asked = page.map(({ link }) => ({ connectionId: link.connectionId, userId: link.loginUserId }));
      const gone = await this.#ask(asked);
      if (!gone.ok) return;
      const lost = new Set(gone.value);
      for (const { sessionId, link } of page) {
        if (lost.has(link.connectionId)) await this.#lose.one(sessionId, link.connectionId, 'gone', 'roll_call');
      }
      after = page.at(-1)?.memberId;
      if (page.length < PAGE) return;
    }
  }
}
