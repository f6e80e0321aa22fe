import { roomCursor, roomEvent, roomSelection, type AppError, type ConnectionId, type RoomId } from '@parley/contracts';
import type { Login } from '../../command.js';
import type { SessionContext } from '../../dialect.js';
import type { SparseMap, SparseSet } from '../../sparse.js';
import type { PendingAcks } from './acks.js';

/** What the connection knows of itself in a room. */
export interface Joined {
  readonly phase: 'joined';
  /** The document's, when the connection joined. */
  readonly version: number;
  readonly numericId: number;
  readonly color: string;
  /** The client has asked to leave. */
  leaving?: boolean;
}

export interface Joining {
  readonly phase: 'joining';
  /** The connection has to go, says an event with this sequence. */
  gone?: End;
}

interface End {
  readonly sequence: number;
  readonly error: AppError;
}

/** What one logged-in connection remembers; bounded by the rooms of a user and by what is under way. */
export interface Scope {
  readonly context: SessionContext;
  login: Login;
  /** In the order of joining. */
  readonly rooms: SparseMap<RoomId, Joined | Joining>;
  /** Rooms whose service may believe that this connection takes part. */
  readonly entered: SparseSet<RoomId>;
  readonly acks: PendingAcks;
  /** The earlier connection whose place this one takes. */
  replaces: ConnectionId | undefined;
  binary: boolean;
}

/** The room that a message is about: the one it names, or the one that was joined last. */
export function roomOf(scope: Scope, { roomId }: { readonly roomId?: RoomId }): RoomId | undefined {
  if (roomId !== undefined) return roomId;
  let last: RoomId | undefined;
  for (const joined of scope.rooms.keys()) last = joined;
  return last;
}

export function subjectsOf(roomId: RoomId): readonly string[] {
  return [roomEvent, roomCursor, roomSelection].map((definition) => definition.subject(roomId));
}
