import type { Database, ShardLeases } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import type { Documents } from './documents.js';
import type { Backlog } from './room-events.js';
import type { Room } from './room.js';
import type { RoomsTables } from './rooms.tables.js';

/** What the sequencer needs of the replica around it. */
export interface SequencerParts {
  readonly database: Pick<Database<RoomsTables>, 'kysely' | 'prepared'>;
  readonly leases: Pick<ShardLeases<RoomsTables>, 'fenceQuery' | 'holds'>;
  readonly documents: Pick<Documents, 'load' | 'deepen' | 'touch' | 'drop'>;
  readonly backlog: Backlog;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** After every commit. */
  readonly committed: (room: Room) => void;
  /** For tests. */
  readonly sleep?: (ms: number) => Promise<unknown>;
}
