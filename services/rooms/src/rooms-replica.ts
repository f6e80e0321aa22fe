import type { Bus, Stoppable } from '@parley/bus';
import type { GatewayId, RoomId } from '@parley/contracts';
import { Outbox, ShardLeases, type Database } from '@parley/database';
import { Lanes, serveSharded } from '@parley/service';
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
import { goneOf, isUserOf, serveQuestions, shardHandlers, watchGateways } from './rooms.handlers.js';
import { watchHeld } from './rooms.metrics.js';
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

/** One replica of the service: everything put together, on a bus and a share of the rooms. */
export class RoomsReplica {
  readonly core: RoomsCore;
  readonly leases: ShardLeases<RoomsTables>;
  readonly #bus: Bus;
  readonly #logger: Logger;
  readonly #outbox: Outbox<RoomsTables>;
  readonly #backlog = new Backlog();
  readonly #attendance: Attendance;
  readonly #shards: ShardChange;
  readonly #upkeep: Upkeep;
  readonly #rollCall: RollCall;
  #status: Stoppable | undefined;
  #gauges: { stop(): void } | undefined;

  constructor({
    bus,
    database,
    options,
    logger,
    instanceId,
    clock = systemClock,
    leaseTtlMs = LEASE_TTL_MS,
  }: ReplicaParts) {
    this.#bus = bus;
    this.#logger = logger;
    // Without the bus nobody reaches this replica: others, who have it, do better.
    const leases = new ShardLeases(database, {
      instanceId,
      logger,
      able: () => bus.status() === 'connected',
      ttlMs: leaseTtlMs,
      renewMs: leaseTtlMs / 3,
    });
    const outbox = new Outbox(database, {
      publish: (subject, data, publication) => bus.publishEncoded(subject, data, publication),
      leases,
      logger,
    });
    const sql = database.kysely;
    const writes = new RoomsWrites(database, leases, outbox);
    const directory = new RoomDirectory({ database, leases, bus, backlog: this.#backlog, logger });
    const { documentMaxBytes, memoryMaxBytes, idleSeconds } = options;
    const documents = new Documents(
      database,
      { documentMaxBytes, memoryMaxBytes, idleMs: idleSeconds * 1_000 },
      logger,
    );
    const snapshots = new Snapshots(writes, options.snapshotEvery, logger);
    const sequencer = new Sequencer({
      database,
      leases,
      documents,
      backlog: this.#backlog,
      logger,
      committed: (room) => {
        snapshots.consider(room);
      },
    });
    const lanes = new Lanes<RoomId>();
    const news = new PresenceNews(clock);
    const attendance = new Attendance({ sql, writes, directory, news, lanes, clock, graceMs: options.graceMs });
    const pieces = new ContentPieces();
    const announced = new AnnouncedVersions(database, leases, directory, sequencer);
    this.core = {
      ...{ sql, writes, directory, documents, sequencer, attendance, pieces, lanes, clock },
      limits: options,
      isUser: isUserOf(bus),
    };
    this.leases = leases;
    this.#outbox = outbox;
    this.#attendance = attendance;
    this.#rollCall = new RollCall(directory, attendance, goneOf(bus), clock);
    this.#shards = new ShardChange({
      ...{ sql, directory, documents, sequencer, announced, news, clock },
      outbox,
    });
    const rule = { operations: options.logOperations, ageMs: options.logHours * 3_600_000 };
    this.#upkeep = new Upkeep({
      ...{ attendance, announced, snapshots, logger, sweepMs: options.sweepMs },
      rollCall: this.#rollCall,
      memory: new MemoryUpkeep(documents, directory, sequencer, snapshots, pieces),
      log: new LogUpkeep(sql, writes, () => leases.held(), rule, logger),
    });
  }

  /** Serves; throws when the database does not let it. Stop what it answers first, then `close`. */
  async start(): Promise<Stoppable[]> {
    await this.#outbox.start();
    this.#gauges = watchHeld({
      rooms: () => this.core.directory.size,
      documents: () => this.core.documents.count,
      bytes: () => this.core.documents.bytes,
      participants: () => this.#attendance.participants,
      unannounced: () => this.#backlog.bytes,
    });
    this.#status = this.#bus.onStatus((now) => {
      if (now === 'disconnected') this.#rollCall.forget();
    });
    const gateways = await watchGateways(this.#bus, {
      lost: (gatewayId) => {
        this.#gatewayLost(gatewayId);
      },
      settled: (alive) => {
        for (const gatewayId of this.#attendance.gateways()) if (!alive.has(gatewayId)) this.#gatewayLost(gatewayId);
      },
    });
    const sharded = await serveSharded({
      bus: this.#bus,
      logger: this.#logger,
      leases: this.leases,
      beforeServing: (shard) => this.#shards.takeOver(shard),
      afterServing: (shard) => this.#shards.leave(shard, this.leases.holds(shard)),
      handlers: shardHandlers(this.core),
    });
    this.#upkeep.start();
    return [...serveQuestions(this.#bus, this.core), sharded, gateways];
  }

  async close(): Promise<void> {
    await this.#upkeep.stop();
    await this.#status?.stop();
    await this.#outbox.stop();
    this.#gauges?.stop();
  }

  #gatewayLost(gatewayId: GatewayId): void {
    this.#attendance.gatewayLost(gatewayId, this.leases.held()).catch((error: unknown) => {
      // The roll call finds them too.
      this.#logger.warn({ err: error, gatewayId }, 'the participants of a lost gateway could not be written down');
    });
  }
}
