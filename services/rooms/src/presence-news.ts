import type { ConnectionId, Participant, UserId } from '@parley/contracts';
import type { Clock } from './clock.js';
import type { Room } from './room.js';
import type { Present } from './roster.js';

/** The newest that there is to tell of a connection. */
interface News {
  readonly change: 'joined' | 'left';
  readonly participant: Participant;
  /** Tells stays apart when a connection leaves and joins again. */
  readonly since: number;
  readonly replaces: ConnectionId | undefined;
  readonly told: (() => void) | undefined;
}

interface Pause {
  readonly room: Room;
  readonly waiting: Map<ConnectionId, News>;
  readonly timer: NodeJS.Timeout;
}

export const PRESENCE_MS = 500;

/**
 * Tells a room who joined and who left: the first at once, then for every user at most twice a second, and only the
 * newest of each connection. Of a connection that came and went in between nobody hears.
 */
export class PresenceNews {
  readonly #pauses = new Map<string, Pause>();

  constructor(
    private readonly clock: Clock,
    private readonly pauseMs = PRESENCE_MS,
  ) {}

  joined(room: Room, { participant, since }: Present, replaces?: ConnectionId): void {
    this.#add(room, { change: 'joined', participant, since, replaces, told: undefined });
  }

  /** `told`: the bus has it, or nobody had heard of the connection. */
  left(room: Room, { participant, since }: Present, told: () => void): void {
    this.#add(room, { change: 'left', participant, since, replaces: undefined, told });
  }

  /** Tells all that waits of these rooms. */
  flush(of: (room: Room) => boolean): void {
    for (const [key, pause] of this.#pauses) if (of(pause.room)) this.#end(key, pause);
  }

  /** Forgets what waits of a room that is closed. */
  drop(room: Room): void {
    for (const [key, pause] of this.#pauses) {
      if (pause.room !== room) continue;
      clearTimeout(pause.timer);
      this.#pauses.delete(key);
    }
  }

  #add(room: Room, news: News): void {
    const { connectionId, userId } = news.participant;
    const key = keyOf(room, userId);
    const pause = this.#pauses.get(key);
    if (pause === undefined) {
      this.#tell(room, news);
      this.#pause(key, room);
      return;
    }
    const waiting = pause.waiting.get(connectionId);
    pause.waiting.delete(connectionId);
    // Came and went while nobody was told anything.
    if (news.change === 'left' && waiting?.change === 'joined' && waiting.replaces === undefined) news.told?.();
    else pause.waiting.set(connectionId, news);
  }

  #pause(key: string, room: Room): void {
    const timer = setTimeout(() => {
      const pause = this.#pauses.get(key);
      if (pause !== undefined) this.#end(key, pause);
    }, this.pauseMs).unref();
    this.#pauses.set(key, { room, waiting: new Map(), timer });
  }

  #end(key: string, { room, waiting, timer }: Pause): void {
    clearTimeout(timer);
    this.#pauses.delete(key);
    for (const news of waiting.values()) this.#tell(room, news);
    if (waiting.size > 0) this.#pause(key, room);
  }

  #tell(room: Room, { change, participant, since, replaces, told }: News): void {
    const at = this.clock();
    const name = `${change}:${participant.connectionId}:${String(since)}`;
    if (change === 'left') {
      // On its way by itself, and perhaps later than this: that they were removed.
      const removed = room.roleOf(participant.userId) === undefined ? { removed: true as const } : {};
      room.events.tell({ type: 'left', participant, ...removed, at }, name, told);
    } else
      room.events.tell(
        { type: 'joined', participant, at, ...(replaces === undefined ? {} : { replaces }) },
        name,
        told,
      );
  }
}

function keyOf(room: Room, userId: UserId): string {
  return `${room.id} ${userId}`;
}
