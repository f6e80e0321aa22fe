import type { Bus, EventSubscription, Stoppable } from '@parley/bus';
import { Outbox, ShardLeases, type Database, type PublishEncoded } from '@parley/database';
import { serveSharded } from '@parley/service';
import type { Logger } from '@parley/telemetry';
import { systemClock, type Clock } from './clock.js';
import { Positions } from './positions.js';
import { SessionCore } from './session-core.js';
import { askPresence, serveQuestions, shardHandlers, watchGateways } from './session.handlers.js';
import { Population } from './session.metrics.js';
import type { SessionOptions } from './session.options.js';
import type { SessionTables } from './session.tables.js';
import { Sweeper } from './sweeper.js';

export interface ReplicaParts {
  readonly bus: Bus;
  readonly database: Database<SessionTables>;
  readonly options: SessionOptions;
  readonly logger: Logger;
  /** Unique per run of a process. */
  readonly instanceId: string;
  /** For tests. */
  readonly clock?: Clock;
}

/** One replica of the service: the core on a bus and a share of the sessions. */
export class SessionReplica {
  readonly #bus: Bus;
  readonly #logger: Logger;
  readonly #leases: ShardLeases<SessionTables>;
  readonly #outbox: Outbox<SessionTables>;
  readonly #core: SessionCore;
  readonly #sweeper: Sweeper;
  readonly #population = new Population();
  #status: Stoppable | undefined;
  #gateways: EventSubscription | undefined;

  constructor({ bus, database, options, logger, instanceId, clock = systemClock }: ReplicaParts) {
    this.#bus = bus;
    this.#logger = logger;
    // Without the bus nobody reaches this replica: others, who have it, do better.
    const connected = (): boolean => bus.status() === 'connected';
    const leases = new ShardLeases(database, { instanceId, logger, able: connected });
    const positions = new Positions();
    const outbox = new Outbox(database, { publish: publishing(bus, positions), leases, logger });
    this.#leases = leases;
    this.#outbox = outbox;
    const askGone = askPresence(bus);
    this.#core = new SessionCore({ database, leases, outbox, positions, askGone, connected, options, clock });
    const counted = this.#population.set.bind(this.#population);
    this.#sweeper = new Sweeper(this.#core, { ...options, counted }, logger);
  }

  /** Serves; throws when the database does not let it. Stop what it answers first, then `close`. */
  async start(): Promise<Stoppable[]> {
    const { steadiness } = this.#core;
    await this.#outbox.start();
    this.#status = this.#bus.onStatus((now) => {
      if (now === 'connected') steadiness.interrupted();
    });
    this.#gateways = watchGateways(this.#bus, (gatewayId) => {
      this.#core.gatewayLost(gatewayId).catch((error: unknown) => {
        this.#logger.warn({ err: error, gatewayId }, 'what hung on a lost gateway is left to the roll call');
      });
    });
    const sharded = await serveSharded({
      bus: this.#bus,
      logger: this.#logger,
      leases: this.#leases,
      beforeServing: async (shard) => {
        await this.#outbox.publishLeftovers(shard);
        steadiness.acquired(shard);
      },
      afterServing: (shard) => {
        steadiness.released(shard);
        return Promise.resolve();
      },
      handlers: shardHandlers(this.#core),
    });
    this.#sweeper.start();
    const sweeper = { stop: () => this.#sweeper.stop() };
    return [sweeper, ...serveQuestions(this.#bus, this.#core), sharded];
  }

  async close(): Promise<void> {
    this.#gateways?.unsubscribe();
    this.#core.news.stop();
    await this.#status?.stop();
    await this.#outbox.stop();
    this.#population.stop();
  }
}

/** Whoever waits for an event learns where in the stream it is. */
function publishing(bus: Bus, positions: Positions): PublishEncoded {
  return async (subject, data, publication) => {
    const outcome = await bus.publishEncoded(subject, data, publication);
    if (outcome.ok) positions.published(publication.messageId, outcome.value.sequence);
    return outcome;
  };
}
