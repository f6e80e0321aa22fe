import type { Bus, Stoppable } from '@parley/bus';
import { Outbox, ShardLeases, type Database } from '@parley/database';
import { serveSharded } from '@parley/service';
import type { Logger } from '@parley/telemetry';
import { systemClock } from './clock.js';
import { PresenceCore } from './presence-core.js';
import { gatewayRoster, serveQuestions, shardHandlers, watchGateways } from './presence.handlers.js';
import type { PresenceOptions } from './presence.options.js';
import type { PresenceTables } from './presence.tables.js';
import { Sweeper } from './sweeper.js';

export interface ReplicaParts {
  readonly bus: Bus;
  readonly database: Database<PresenceTables>;
  readonly options: PresenceOptions;
  readonly logger: Logger;
  /** Unique per run of a process. */
  readonly instanceId: string;
  /** For tests, which shorten it together with the bus's. */
  readonly leaseTtlMs?: number;
}

/** As the bus keeps the leases of gateways. */
const LEASE_TTL_MS = 6_000;

/** One replica of the service: the core on a bus and a share of the users. */
export class PresenceReplica {
  readonly #bus: Bus;
  readonly #logger: Logger;
  readonly #leases: ShardLeases<PresenceTables>;
  readonly #outbox: Outbox<PresenceTables>;
  readonly #core: PresenceCore;
  readonly #sweeper: Sweeper;
  #watch: Stoppable | undefined;

  constructor({ bus, database, options, logger, instanceId, leaseTtlMs = LEASE_TTL_MS }: ReplicaParts) {
    this.#bus = bus;
    this.#logger = logger;
    const leases = new ShardLeases(database, {
      instanceId,
      logger,
      // Without the bus nobody reaches this replica: others, who have it, do better.
      able: () => bus.status() === 'connected',
    });
    const outbox = new Outbox(database, {
      publish: (subject, data, publication) => bus.publishEncoded(subject, data, publication),
      leases,
      logger,
    });
    const roster = gatewayRoster(bus);
    this.#leases = leases;
    this.#outbox = outbox;
    this.#core = new PresenceCore({ database, leases, outbox, roster, options, clock: systemClock, leaseTtlMs });
    this.#sweeper = new Sweeper(this.#core, { sweepMs: options.sweepMs, held: () => leases.held() }, logger);
  }

  /** Serves; throws when the bus or the database does not let it. Stop what it answers first, then `close`. */
  async start(): Promise<Stoppable[]> {
    await this.#outbox.start();
    const watch = await watchGateways(this.#bus, this.#core, () => {
      this.#sweeper.gatewaysChanged();
    });
    if (!watch.ok) throw new Error(`the leases of the gateways cannot be watched: ${watch.error.message}`);
    this.#watch = watch.value;
    const sharded = await serveSharded({
      bus: this.#bus,
      logger: this.#logger,
      leases: this.#leases,
      beforeServing: async (shard) => {
        await this.#outbox.publishLeftovers(shard);
        this.#core.steadiness.acquired(shard);
      },
      handlers: shardHandlers(this.#core),
    });
    this.#sweeper.start();
    const sweeper = { stop: () => this.#sweeper.stop() };
    return [sweeper, ...serveQuestions(this.#bus, this.#core), sharded];
  }

  async close(): Promise<void> {
    await this.#watch?.stop();
    await this.#outbox.stop();
  }
}
