import type { ParleyError } from '../transport/parley-error.js';
import type { Handler } from '../transport/emitter.js';
import type { WaitOptions } from '../transport/wait.js';
import type { Position } from './binary-frames.js';
import type { Role } from './collab-messages.js';
import type { Cursor, Participant, Selection } from './participants.js';

/** An operation of the document's type, as JSON. */
export type Operation = unknown;

/** Whatever a range is to the editor, such as `{anchor, head}`. */
export type Range = object;

export interface DocumentChange {
  /** What turns the content before it into the content after it. */
  readonly operation: Operation;
  /** `remote`: others, or what a reconnect brought. */
  readonly origin: 'local' | 'undo' | 'remote';
}

export interface RejectedChange {
  readonly operation: Operation;
  readonly error: ParleyError;
}

/** All of a document at one moment; the same value until something of it changes. */
export interface DocumentSnapshot {
  /** Undefined until the room has been joined for the first time. */
  readonly content: unknown;
  readonly version: number;
  /** Own changes that the server has not acknowledged. */
  readonly pending: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Not as a viewer, and not before the document is here. */
  readonly canEdit: boolean;
}

export interface EditOptions {
  /** Undone together with the change before. Without it, what follows within half a second is. */
  readonly merge?: boolean;
}

/** A shared document: edits show at once, also without a connection, and arrive exactly once. */
export interface RoomDocument extends DocumentSnapshot {
  /** `json`, `text`, `rich-text`; undefined until the room has been joined. */
  readonly type: string | undefined;
  readonly snapshot: DocumentSnapshot;
  /** Throws a `ParleyError` for an operation that does not fit the content, or that this user may not make. */
  edit(operation: Operation, options?: EditOptions): void;
  /** Edits by comparing: the smallest operation that makes this content of the present one. */
  update(content: unknown, options?: EditOptions): void;
  /** Takes back this user's last change and nobody else's. False: there is none. */
  undo(): boolean;
  redo(): boolean;
  /** Resolves when the server has acknowledged everything that was changed so far. */
  saved(options?: WaitOptions): Promise<void>;
}

export type RoomStatus =
  | 'joining'
  | 'joined'
  /** No connection; edits are kept for the next one. */
  | 'offline'
  /** Left by this client, or taken away by the server. */
  | 'left';

export interface RoomEvents {
  status: readonly [status: RoomStatus];
  change: readonly [change: DocumentChange];
  /** Something of `document.snapshot` is new. */
  document: readonly [snapshot: DocumentSnapshot];
  /** The server has refused a change for good, and it has been taken back. */
  rejected: readonly [rejected: RejectedChange];
  participants: readonly [participants: readonly Participant[]];
  /** At most 60 times a second, whoever moves. */
  cursors: readonly [cursors: ReadonlyMap<string, Cursor>];
  selections: readonly [selections: ReadonlyMap<string, Selection>];
  error: readonly [error: ParleyError];
}

/** A room is one document and the people at it. */
export interface Room {
  readonly id: string;
  readonly status: RoomStatus;
  readonly document: RoomDocument;
  /** This user's. */
  readonly role: Role | undefined;
  /** Every connection in the room, this one included. */
  readonly participants: readonly Participant[];
  /** By user id. */
  readonly cursors: ReadonlyMap<string, Cursor>;
  readonly selections: ReadonlyMap<string, Selection>;
  updateCursor(position: Position): void;
  updateSelection(ranges: readonly Range[]): void;
  on<K extends keyof RoomEvents>(event: K, handler: Handler<RoomEvents[K]>): () => void;
  off<K extends keyof RoomEvents>(event: K, handler: Handler<RoomEvents[K]>): void;
}
