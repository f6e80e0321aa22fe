import type { BinaryPresence } from './binary-frames.js';
import type { PresenceData, Role, WireParticipant } from './collab-messages.js';

/** One connection of somebody in the room. */
export interface Participant {
  readonly userId: string;
  readonly connectionId: string;
  readonly numericId: number;
  readonly name: string;
  /** `#rrggbb` */
  readonly color: string;
  readonly role: Role;
}

export interface Cursor {
  readonly userId: string;
  readonly x: number;
  readonly y: number;
  readonly viewport: { readonly x: number; readonly y: number } | undefined;
  /** The sender's own clock. */
  readonly timestamp: number;
}

export interface Selection {
  readonly userId: string;
  /** As the editor of its user made them; check what you use. */
  readonly ranges: readonly unknown[];
  readonly color: string | undefined;
}

/** What one update has touched. */
export interface PresenceChange {
  readonly participants: boolean;
  readonly cursors: boolean;
  readonly selections: boolean;
}

const UNTOUCHED: PresenceChange = { participants: false, cursors: false, selections: false };

/** Who is in a room. Its lists are the same values until something in them changes. */
export class Participants {
  private people: ReadonlyMap<string, Participant> = new Map();
  private list: readonly Participant[] = [];
  /** By user: the newest of any of their connections, as binary frames do not tell these apart. */
  private pointers: ReadonlyMap<string, Cursor> = new Map();
  private selected: ReadonlyMap<string, Selection> = new Map();

  get all(): readonly Participant[] {
    return this.list;
  }

  get cursors(): ReadonlyMap<string, Cursor> {
    return this.pointers;
  }

  get selections(): ReadonlyMap<string, Selection> {
    return this.selected;
  }

  /** Everyone who is there; what is known of their cursors stays. */
  replace(everyone: readonly WireParticipant[]): void {
    this.keep(new Map(everyone.map((one) => [one.connectionId, participantOf(one)])));
  }

  clear(): void {
    this.keep(new Map());
  }

  update(userId: string, presence: PresenceData): PresenceChange {
    const participants = this.updatePeople(userId, presence);
    const { cursor, selection } = presence;
    if (cursor !== undefined) {
      const { x, y, viewportX, viewportY, timestamp } = cursor;
      const viewport = viewportX === undefined || viewportY === undefined ? undefined : { x: viewportX, y: viewportY };
      this.pointers = new Map(this.pointers).set(userId, { userId, x, y, viewport, timestamp });
    }
    if (selection !== undefined) {
      this.selected = new Map(this.selected).set(userId, { userId, ...selection });
    }
    return {
      participants,
      cursors: participants || cursor !== undefined,
      selections: participants || selection !== undefined,
    };
  }

  has(numericId: number): boolean {
    return this.list.some((one) => one.numericId === numericId);
  }

  updateBinary({ kind, numericId, x, y, viewport, timestamp }: BinaryPresence): PresenceChange {
    const person = this.list.find((one) => one.numericId === numericId);
    if (person === undefined) return UNTOUCHED;
    const { userId, color } = person;
    if (kind === 'cursor') {
      this.pointers = new Map(this.pointers).set(userId, { userId, x, y, viewport, timestamp });
      return { ...UNTOUCHED, cursors: true };
    }
    const ranges = [{ anchor: x, head: y }];
    this.selected = new Map(this.selected).set(userId, { userId, ranges, color });
    return { ...UNTOUCHED, selections: true };
  }

  private updatePeople(userId: string, presence: PresenceData): boolean {
    const { status, connectionId, numericId, name, color, role, replaces } = presence;
    const people = new Map(this.people);
    if (status === 'offline') {
      if (connectionId === undefined || !people.delete(connectionId)) return false;
    } else if (status === 'online') {
      if (connectionId === undefined || numericId === undefined) return false;
      if (replaces !== undefined) people.delete(replaces);
      const who = { userId, connectionId, numericId, name: name ?? '', color: color ?? '#000000' };
      people.set(connectionId, { ...who, role: role ?? 'viewer' });
    } else if (role !== undefined) {
      for (const one of this.list) if (one.userId === userId) people.set(one.connectionId, { ...one, role });
    } else return false;
    this.keep(people);
    return true;
  }

  private keep(people: ReadonlyMap<string, Participant>): void {
    this.people = people;
    this.list = [...people.values()];
    const users = new Set(this.list.map(({ userId }) => userId));
    this.pointers = only(users, this.pointers);
    this.selected = only(users, this.selected);
  }
}

function participantOf({ userId, connectionId, numericId, name, color, role }: WireParticipant): Participant {
  return { userId, connectionId, numericId, name, color, role };
}

function only<T>(users: ReadonlySet<string>, map: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  if ([...map.keys()].every((user) => users.has(user))) return map;
  return new Map([...map].filter(([user]) => users.has(user)));
}
