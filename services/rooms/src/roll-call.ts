import type { ConnectionId, Outcome, UserId } from '@parley/contracts';
import type { Attendance } from './attendance.js';
import type { Clock } from './clock.js';
import type { RoomDirectory } from './room-directory.js';
import type { Room } from './room.js';

/** Which of them are known to be gone. One of whom nothing is known is left out. */
export type AskGone = (
  connections: readonly { readonly connectionId: ConnectionId; readonly userId: UserId }[],
) => Promise<Outcome<readonly ConnectionId[]>>;

const PAGE = 1_000;
/** A gateway reports a connection within a moment; after an outage it has this long. */
const REPORTED_MS = 10_000;

/** Asks presence about those who take part, for the connection that ended and nobody said so. Doubt is in their favour. */
export class RollCall {
  /** Gone in the last answer too: one answer may be of a replica that has just taken over. */
  #suspects = new Set<ConnectionId>();

  constructor(
    private readonly directory: RoomDirectory,
    private readonly attendance: Pick<Attendance, 'lose'>,
    private readonly ask: AskGone,
    private readonly clock: Clock,
  ) {}

  /** The bus went away: what was said before says nothing about after. */
  forget(): void {
    this.#suspects = new Set();
  }

  async run(): Promise<void> {
    const before = this.clock() - REPORTED_MS;
    const rooms = new Map<ConnectionId, Room[]>();
    const asked: { connectionId: ConnectionId; userId: UserId }[] = [];
    for (const room of this.directory.rooms()) {
      for (const { participant, since, lostAt } of room.roster.all()) {
        const { connectionId, userId } = participant;
        if (lostAt !== undefined || since > before) continue;
        const known = rooms.get(connectionId);
        if (known === undefined) asked.push({ connectionId, userId });
        rooms.set(connectionId, [...(known ?? []), room]);
      }
    }
    const suspects = this.#suspects;
    const gone = new Set<ConnectionId>();
    for (let from = 0; from < asked.length; from += PAGE) {
      const answer = await this.ask(asked.slice(from, from + PAGE));
      if (answer.ok) for (const connectionId of answer.value) gone.add(connectionId);
    }
    // Forgotten meanwhile.
    if (this.#suspects !== suspects) return;
    this.#suspects = gone;
    for (const connectionId of gone) {
      if (!suspects.has(connectionId)) continue;
      for (const room of rooms.get(connectionId) ?? []) await this.attendance.lose(room, [connectionId]);
    }
  }
}
