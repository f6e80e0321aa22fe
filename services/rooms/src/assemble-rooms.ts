import type { Bus } from '@parley/bus';
import type { RoomId } from '@parley/contracts';
import { Outbox, ShardLeases, type Database } from '@parley/database';
import { Lanes } from '@parley/service';
import type { Logger } from '@parley/telemetry';
import { AnnouncedVersions } from './announced-versions.js';
import { Attendance } from './attendance.js';
import { systemClock, type Clock } from './clock.js';
import { ContentPieces } from './content-pieces.js';
import { Documents } from './documents.js';
import { LogUpkeep } from './log-upkeep.js';
import { MemoryUpkeep } from './memory-upkeep.js';
import { PresenceNews } from './presence-news.js';
import { RollCall } from './roll-call.js';
import { RoomDirectory } from './room-directory.js';
import { Backlog } from './room-events.js';
import type { RoomsCore } from './rooms-core.js';
import { goneOf, isUserOf } from './rooms.handlers.js';
import type { RoomsOptions } from './rooms.options.js';
import type { RoomsTables } from './rooms.tables.js';
import { RoomsWrites } from './rooms-writes.js';
import { Sequencer } from './sequencer.js';
import { ShardChange } from './shard-change.js';
import { Snapshots } from './snapshots.js';
import { Upkeep } from './upkeep.js';

/** Shorter than elsewhere: people are typing, and nobody else may write until it is over. */
const LEASE_TTL_MS = 3_600;

export interface ReplicaParts {
  readonly bus: Bus;
  readonly database: Database<RoomsTables>;
  readonly options: RoomsOptions;
  readonly logger: Logger;
  /** Unique per run of a process. */
  readonly instanceId: string;
  /** For tests. */
  readonly clock?: Clock;
  readonly leaseTtlMs?: number;
}

/** What writing as the owner of a shard needs. */
interface Basis {
  readonly leases: ShardLeases<RoomsTables>;
  readonly outbox: Outbox<RoomsTables>;
  readonly writes: RoomsWrites;
  readonly backlog: Backlog;
}

interface Workings {
  readonly core: RoomsCore;
  readonly snapshots: Snapshots;
  readonly news: PresenceNews;
}

export interface Assembly extends Basis {
  readonly core: RoomsCore;
  readonly shards: ShardChange;
  readonly rollCall: RollCall;
  readonly upkeep: Upkeep;
}

export function assembleRooms(parts: ReplicaParts): Assembly {
  const basis = makeBasis(parts);
  const { core, news, snapshots } = makeWorkings(parts, basis);
  const { sql, writes, directory, documents, sequencer, attendance, pieces, clock } = core;
  const { leases, outbox } = basis;
  const { options, logger } = parts;
  const announced = new AnnouncedVersions(parts.database, leases, directory, sequencer);
  const rollCall = new RollCall(directory, attendance, goneOf(parts.bus), clock);
  const rule = { operations: options.logOperations, ageMs: options.logHours * 3_600_000 };
  const upkeep = new Upkeep({
    ...{ attendance, announced, rollCall, snapshots, logger, sweepMs: options.sweepMs },
    memory: new MemoryUpkeep(documents, directory, sequencer, snapshots, pieces),
    log: new LogUpkeep(sql, writes, () => leases.held(), rule, logger),
  });
  const shards = new ShardChange({ sql, directory, documents, sequencer, announced, news, outbox, clock });
  return { ...basis, core, shards, rollCall, upkeep };
}

function makeBasis({ bus, database, logger, instanceId, leaseTtlMs = LEASE_TTL_MS }: ReplicaParts): Basis {
  const leases = new ShardLeases(database, {
    instanceId,
    logger,
    // Without the bus nobody reaches this replica: others, who have it, do better.
    able: () => bus.status() === 'connected',
    ttlMs: leaseTtlMs,
    renewMs: leaseTtlMs / 3,
  });
  const outbox = new Outbox(database, {
    publish: (subject, data, publication) => bus.publishEncoded(subject, data, publication),
    leases,
    logger,
  });
  return { leases, outbox, writes: new RoomsWrites(database, leases, outbox), backlog: new Backlog() };
}

function makeWorkings(parts: ReplicaParts, { leases, writes, backlog }: Basis): Workings {
  const { bus, database, options, logger, clock = systemClock } = parts;
  const sql = database.kysely;
  const directory = new RoomDirectory({ database, leases, bus, backlog, logger });
  const { documentMaxBytes, memoryMaxBytes, idleSeconds, graceMs } = options;
  const documents = new Documents(database, { documentMaxBytes, memoryMaxBytes, idleMs: idleSeconds * 1_000 }, logger);
  const snapshots = new Snapshots(writes, options.snapshotEvery, logger);
  const sequencer = new Sequencer({
    ...{ database, leases, documents, backlog, logger },
    committed: (room) => {
      snapshots.consider(room);
    },
  });
  const lanes = new Lanes<RoomId>();
  const news = new PresenceNews(clock);
  const attendance = new Attendance({ sql, writes, directory, news, lanes, clock, graceMs });
  const core: RoomsCore = {
    ...{ sql, writes, directory, documents, sequencer, attendance, lanes, clock },
    pieces: new ContentPieces(),
    limits: options,
    isUser: isUserOf(bus),
  };
  return { core, snapshots, news };
}
