import type { Stoppable } from '@parley/bus';
import type { GatewayId } from '@parley/contracts';
import type { ShardLeases } from '@parley/database';
import { serveSharded } from '@parley/service';
import { assembleRooms, type Assembly, type ReplicaParts } from './assemble-rooms.js';
import type { RoomsCore } from './rooms-core.js';
import { serveQuestions, shardHandlers, watchGateways } from './rooms.handlers.js';
import { watchHeld } from './rooms.metrics.js';
import type { RoomsTables } from './rooms.tables.js';

/** One replica of the service: everything put together, on a bus and a share of the rooms. */
export class RoomsReplica {
  readonly core: RoomsCore;
  readonly leases: ShardLeases<RoomsTables>;
  readonly #parts: ReplicaParts;
  readonly #assembly: Assembly;
  #status: Stoppable | undefined;
  #gauges: { stop(): void } | undefined;

  constructor(parts: ReplicaParts) {
    this.#parts = parts;
    this.#assembly = assembleRooms(parts);
    this.core = this.#assembly.core;
    this.leases = this.#assembly.leases;
  }

  /** Serves; throws when the database does not let it. Stop what it answers first, then `close`. */
  async start(): Promise<Stoppable[]> {
    const { bus, logger } = this.#parts;
    const { outbox, backlog, rollCall, shards, upkeep } = this.#assembly;
    const { directory, documents, attendance } = this.core;
    await outbox.start();
    this.#gauges = watchHeld({
      rooms: () => directory.size,
      documents: () => documents.count,
      bytes: () => documents.bytes,
      participants: () => attendance.participants,
      unannounced: () => backlog.bytes,
    });
    this.#status = bus.onStatus((now) => {
      if (now === 'disconnected') rollCall.forget();
    });
    const gateways = await watchGateways(bus, {
      lost: (gatewayId) => {
        this.#gatewayLost(gatewayId);
      },
      settled: (alive) => {
        for (const gatewayId of attendance.gateways()) if (!alive.has(gatewayId)) this.#gatewayLost(gatewayId);
      },
    });
    const sharded = await serveSharded({
      ...{ bus, logger, leases: this.leases },
      beforeServing: (shard) => shards.takeOver(shard),
      afterServing: (shard) => shards.leave(shard, this.leases.holds(shard)),
      handlers: shardHandlers(this.core),
    });
    upkeep.start();
    return [...serveQuestions(bus, this.core), sharded, gateways];
  }

  async close(): Promise<void> {
    await this.#assembly.upkeep.stop();
    await this.#status?.stop();
    await this.#assembly.outbox.stop();
    this.#gauges?.stop();
  }

  #gatewayLost(gatewayId: GatewayId): void {
    this.core.attendance.gatewayLost(gatewayId, this.leases.held()).catch((error: unknown) => {
      // The roll call finds them too.
      this.#parts.logger.warn(
        { err: error, gatewayId },
        'the participants of a lost gateway could not be written down',
      );
    });
  }
}
