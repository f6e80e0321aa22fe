import type { ErrorCode, Outcome, RoomId, TransportErrorCode, UserId } from '@parley/contracts';
import type { Lanes } from '@parley/service';
import type { Attendance } from './attendance.js';
import type { Clock } from './clock.js';
import type { ContentPieces } from './content-pieces.js';
import type { Documents } from './documents.js';
import type { RoomDirectory } from './room-directory.js';
import type { RoomsOptions } from './rooms.options.js';
import type { Sql } from './rooms.tables.js';
import type { RoomsWrites } from './rooms-writes.js';
import type { Sequencer } from './sequencer.js';

/** What the verbs work with. */
export interface RoomsCore {
  readonly sql: Sql;
  readonly writes: RoomsWrites;
  readonly directory: RoomDirectory;
  readonly documents: Documents;
  readonly sequencer: Sequencer;
  readonly attendance: Attendance;
  readonly pieces: ContentPieces;
  /** What changes a room beside its document goes one after the other. */
  readonly lanes: Lanes<RoomId>;
  readonly limits: RoomsOptions;
  readonly clock: Clock;
  /** Is there an account of this id? */
  readonly isUser: (userId: UserId) => Promise<Outcome<boolean, TransportErrorCode>>;
}

/** There is nothing to say but that it is done. */
export type Done = Readonly<Record<string, never>>;

export type Result<T, E extends ErrorCode> = Promise<Outcome<T, E | TransportErrorCode>>;
