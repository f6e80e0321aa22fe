import type { DocumentType, RoomId, RoomRole, RoomSummary, UserId } from '@parley/contracts';
import type { RoomDocument } from './room-document.js';
import type { RoomEvents } from './room-events.js';
import type { OpenedRoom, RoomHead } from './room.repository.js';
import type { MemberRole } from './rooms.tables.js';
import { Roster } from './roster.js';

/** A room in the memory of its shard's owner, with or without its document. */
export class Room {
  readonly id: RoomId;
  readonly shard: number;
  readonly type: DocumentType;
  readonly public: boolean;
  readonly incarnation: string;
  readonly createdAt: Date;
  readonly members: Map<UserId, MemberRole>;
  readonly roster: Roster;
  document: RoomDocument | undefined;
  /** Its row says that there may be something to announce. */
  marked: boolean;
  /** What its row says is announced. */
  savedVersion: number;
  /** Nothing more is done with it: it was deleted, or its shard is not ours any more. */
  closed: 'removed' | 'moved' | undefined;
  /** By the monotonic clock. */
  usedAt = performance.now();

  constructor(
    opened: OpenedRoom,
    readonly events: RoomEvents,
  ) {
    const head: RoomHead = opened.head;
    this.id = head.id;
    this.shard = head.shard;
    this.type = head.type;
    this.public = head.public;
    this.incarnation = head.incarnation;
    this.createdAt = head.created_at;
    this.marked = head.unannounced;
    this.savedVersion = head.announced_version;
    this.members = new Map(opened.members);
    this.roster = new Roster(opened.participants);
  }

  /** Undefined: the user may not know of the room. */
  roleOf(userId: UserId): RoomRole | undefined {
    const role = this.members.get(userId) ?? (this.public ? 'editor' : undefined);
    return role === 'banned' ? undefined : role;
  }

  isLastOwner(userId: UserId): boolean {
    if (this.members.get(userId) !== 'owner') return false;
    return [...this.members.values()].filter((role) => role === 'owner').length === 1;
  }

  /** Nothing is lost when memory forgets it. */
  get forgettable(): boolean {
    return this.document === undefined && this.roster.size === 0 && this.events.idle && !this.marked;
  }

  summary(version: number, role: RoomRole): RoomSummary {
    return {
      id: this.id,
      type: this.type,
      version,
      public: this.public,
      role,
      createdAt: this.createdAt.toISOString(),
    };
  }
}
