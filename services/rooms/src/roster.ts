import type { ConnectionId, GatewayId, Participant, RoomRole, UserId } from '@parley/contracts';
import { colorOf } from './color.js';
import type { ParticipantRow } from './rooms.tables.js';

/** A connection that takes part in a room. */
export interface Present {
  readonly participant: Participant;
  readonly gatewayId: GatewayId;
  /** ms since 1970. */
  readonly since: number;
  /** When it went without a word; it may come back within the grace. */
  readonly lostAt: number | undefined;
}

/** Who is in a room now. */
export class Roster {
  readonly #present = new Map<ConnectionId, Present>();
  /** Of them, those that are lost. */
  readonly #lost = new Set<ConnectionId>();

  constructor(rows: readonly ParticipantRow[]) {
    for (const row of rows) this.add(presentOf(row));
  }

  get size(): number {
    return this.#present.size;
  }

  /** Those who are there now, without those who may come back. */
  get connected(): number {
    return this.#present.size - this.#lost.size;
  }

  /** Those who may come back. */
  lost(): Present[] {
    return [...this.#lost].flatMap((connectionId) => this.#present.get(connectionId) ?? []);
  }

  get(connectionId: ConnectionId): Present | undefined {
    return this.#present.get(connectionId);
  }

  all(): Iterable<Present> {
    return this.#present.values();
  }

  participants(): Participant[] {
    return [...this.#present.values()].map(({ participant }) => participant);
  }

  of(userId: UserId): Present[] {
    return [...this.#present.values()].filter(({ participant }) => participant.userId === userId);
  }

  add(present: Present): void {
    const { connectionId } = present.participant;
    this.#present.set(connectionId, present);
    if (present.lostAt === undefined) this.#lost.delete(connectionId);
    else this.#lost.add(connectionId);
  }

  remove(connectionId: ConnectionId): void {
    this.#present.delete(connectionId);
    this.#lost.delete(connectionId);
  }

  /** For one that is lost already the first time counts. */
  lose(connectionId: ConnectionId, lostAt: number): void {
    const present = this.#present.get(connectionId);
    if (present !== undefined && present.lostAt === undefined) this.add({ ...present, lostAt });
  }

  setRole(userId: UserId, role: RoomRole): void {
    for (const present of this.of(userId)) this.add({ ...present, participant: { ...present.participant, role } });
  }
}

export function presentOf(row: ParticipantRow): Present {
  return {
    participant: {
      userId: row.user_id,
      numericId: row.numeric_id,
      name: row.username,
      color: colorOf(row.user_id),
      role: row.role,
      connectionId: row.connection_id,
    },
    gatewayId: row.gateway_id,
    since: row.since.getTime(),
    lostAt: row.lost_at?.getTime(),
  };
}
