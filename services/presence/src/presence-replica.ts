import type { Bus, Stoppable } from '@parley/bus';
import { Outbox, ShardLeases, type Database } from '@parley/database';
import { serveSharded } from '@parley/service';
import type { Logger } from '@parley/telemetry';
import { ClearGateways } from './clear-gateways.js';
import { systemClock, type Clock } from './clock.js';
import { ConnectionRepository } from './connection.repository.js';
import { EndGrace } from './end-grace.js';
import { ListConnections } from './list-connections.js';
import { LookupPresence } from './lookup.js';
import { ListOnline } from './online.js';
import {
  gatewayRoster,
  serveQuestions,
  shardHandlers,
  watchGateways,
  type PresenceVerbs,
} from './presence.handlers.js';
import { Population } from './presence.metrics.js';
import { connectionLimits, type PresenceOptions } from './presence.options.js';
import { PresenceRepository } from './presence.repository.js';
import type { PresenceTables } from './presence.tables.js';
import { ReportConnections } from './report.js';
import { SetStatus } from './set-status.js';
import { ShardWriter } from './shard-writer.js';
import { Steadiness } from './steadiness.js';
import { Sweeper } from './sweeper.js';

export interface ReplicaParts {
  readonly bus: Bus;
  readonly database: Database<PresenceTables>;
  readonly options: PresenceOptions;
  readonly logger: Logger;
  /** Unique per run of a process. */
  readonly instanceId: string;
  readonly clock?: Clock;
  /** For tests; in life those of the bus and of the shard leases. */
  readonly leaseTtlMs?: number;
}

const LEASE_TTL_MS = 6_000;

/** One replica of the service, put together. */
export class PresenceReplica {
  readonly verbs: PresenceVerbs;
  readonly #parts: ReplicaParts;
  readonly #leases: ShardLeases<PresenceTables>;
  readonly #outbox: Outbox;
  readonly #steadiness: Steadiness;
  readonly #gateways: ClearGateways;
  readonly #sweeper: Sweeper;
  #watch: Stoppable | undefined;

  constructor(parts: ReplicaParts) {
    const { bus, database, options, logger, instanceId, clock = systemClock, leaseTtlMs = LEASE_TTL_MS } = parts;
    this.#parts = parts;
    this.#leases = new ShardLeases(database, {
      instanceId,
      logger,
      // Without the bus nobody reaches this replica: others, who have it, do better.
      able: () => bus.status() === 'connected',
    });
    this.#outbox = new Outbox(database, {
      publish: (subject, data, publication) => bus.publishEncoded(subject, data, publication),
      leases: this.#leases,
      logger,
    });
    const held = (): readonly number[] => this.#leases.held();
    const { graceMs, settleMs, sweepMs, metadataMaxBytes } = options;
    const presences = new PresenceRepository(database);
    const connections = new ConnectionRepository(database);
    const writer = new ShardWriter(database, this.#leases, this.#outbox, presences);
    this.#steadiness = new Steadiness({ settleMs, leaseTtlMs, clock, held });
    const limits = connectionLimits(options);
    this.verbs = {
      report: new ReportConnections(writer, connections, { limits, graceMs, clock }),
      setStatus: new SetStatus(writer, connections, { metadataMaxBytes, clock }),
      lookup: new LookupPresence(presences, clock),
      online: new ListOnline(presences, clock),
      connections: new ListConnections(connections),
    };
    const gatewaySettings = { graceMs, absenceMs: leaseTtlMs / 2, clock, held };
    this.#gateways = new ClearGateways(writer, connections, this.#steadiness, gatewayRoster(bus), gatewaySettings);
    const endGrace = new EndGrace(writer, presences, this.#steadiness, clock);
    const population = new Population();
    this.#sweeper = new Sweeper(
      { endGrace, gateways: this.#gateways, population, presences, connections },
      { sweepMs, held },
      logger,
    );
  }

  /** Serves; throws when the bus or the database does not let it. Stop what it answers first, then `close`. */
  async start(): Promise<Stoppable[]> {
    const { bus, logger } = this.#parts;
    await this.#outbox.start();
    const watch = await watchGateways(bus, this.#steadiness, this.#gateways, () => {
      this.#sweeper.gatewaysChanged();
    });
    if (!watch.ok) throw new Error(`the leases of the gateways cannot be watched: ${watch.error.message}`);
    this.#watch = watch.value;
    const sharded = await serveSharded({
      bus,
      logger,
      leases: this.#leases,
      beforeServing: async (shard) => {
        await this.#outbox.publishLeftovers(shard);
        this.#steadiness.acquired(shard);
      },
      handlers: shardHandlers(this.verbs),
    });
    this.#sweeper.start();
    const sweeper = { stop: () => this.#sweeper.stop() };
    return [sweeper, ...serveQuestions(bus, this.verbs), sharded];
  }

  async close(): Promise<void> {
    await this.#watch?.stop();
    await this.#outbox.stop();
  }
}
