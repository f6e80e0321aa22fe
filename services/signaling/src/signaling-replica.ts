import type { Bus, Stoppable } from '@parley/bus';
import { Outbox, ShardLeases, type Database, type PublishEncoded } from '@parley/database';
import { serveSharded } from '@parley/service';
import type { Logger } from '@parley/telemetry';
import { systemClock, type Clock } from './clock.js';
import { SignalingCore } from './signaling-core.js';
import {
  channelDirectory,
  reachOf,
  sendSignal,
  ServerNews,
  serveQuestions,
  shardHandlers,
} from './signaling.handlers.js';
import { Population } from './signaling.metrics.js';
import type { SignalingOptions } from './signaling.options.js';
import { Sweeper } from './sweeper.js';
import { Publications } from './watch/publications.js';
import { WatchPart } from './watch/watch-part.js';
import type { SignalingTables } from './signaling.tables.js';

export interface ReplicaParts {
  readonly bus: Bus;
  readonly database: Database<SignalingTables>;
  readonly options: SignalingOptions;
  readonly logger: Logger;
  /** Unique per run of a process. */
  readonly instanceId: string;
  /** For tests. */
  readonly clock?: Clock;
}

/** One replica of the service: voice and watch on a bus, with a share of the users and devices. */
export class SignalingReplica {
  readonly #bus: Bus;
  readonly #logger: Logger;
  readonly #leases: ShardLeases<SignalingTables>;
  readonly #outbox: Outbox<SignalingTables>;
  readonly #core: SignalingCore;
  readonly #sweeper: Sweeper;
  readonly #news: ServerNews;
  readonly #watch: WatchPart;
  readonly #population = new Population();
  #status: Stoppable | undefined;
  /** After this many more passes everybody is looked at. */
  #rechecks = 0;

  constructor({ bus, database, options, logger, instanceId, clock = systemClock }: ReplicaParts) {
    this.#bus = bus;
    this.#logger = logger;
    // Without the bus nobody reaches this replica: others, who have it, do better.
    const connected = (): boolean => bus.status() === 'connected';
    const leases = new ShardLeases(database, { instanceId, logger, able: connected });
    const publications = new Publications();
    const outbox = new Outbox(database, { publish: publishing(bus, publications), leases, logger });
    const outside = {
      directory: channelDirectory(bus),
      reach: reachOf(bus),
      send: sendSignal(bus),
      connected,
      entering: (serverId: Parameters<ServerNews['follow']>[0]) => {
        this.#news.follow(serverId);
      },
      counted: (users: number, servers: Parameters<ServerNews['followAll']>[0]) => {
        this.#population.set(users);
        this.#news.followAll(servers);
        // After the servers of what was taken over are listened to, so that nothing falls in between.
        if (this.#rechecks > 0) this.#sweeper.recheckSoon();
        this.#rechecks = Math.max(0, this.#rechecks - 1);
      },
    };
    this.#leases = leases;
    this.#outbox = outbox;
    this.#core = new SignalingCore({ database, leases, outbox, outside, options, clock });
    this.#sweeper = new Sweeper(this.#core, options, logger);
    const { iceServers } = this.#core;
    this.#watch = new WatchPart({ bus, database, leases, outbox, publications, iceServers, options, logger, clock });
    this.#news = new ServerNews(bus, this.#core, () => {
      this.#sweeper.suspectsNamed();
    });
  }

  /** Serves; throws when the database does not let it. Stop what it answers first, then `close`. */
  async start(): Promise<Stoppable[]> {
    await this.#outbox.start();
    this.#status = this.#bus.onStatus((now) => {
      if (now === 'disconnected') this.#core.rollCall.forget();
    });
    this.#news.start();
    const sharded = await serveSharded({
      bus: this.#bus,
      logger: this.#logger,
      leases: this.#leases,
      beforeServing: async (shard) => {
        await this.#outbox.publishLeftovers(shard);
        this.#watch.takeOver(shard);
        // The pass under way may have begun without this shard.
        this.#rechecks = 2;
      },
      afterServing: (shard) => {
        this.#watch.release(shard);
        return Promise.resolve();
      },
      handlers: [...shardHandlers(this.#core), ...this.#watch.handlers],
    });
    this.#sweeper.start();
    const sweeper = { stop: () => this.#sweeper.stop() };
    return [sweeper, ...this.#watch.start(), ...serveQuestions(this.#bus, this.#core), sharded];
  }

  async close(): Promise<void> {
    this.#news.stop();
    await this.#status?.stop();
    await this.#watch.close();
    await this.#outbox.stop();
    this.#population.stop();
  }
}

/** Whoever waits for an event learns that it is published. */
function publishing(bus: Bus, publications: Publications): PublishEncoded {
  return async (subject, data, publication) => {
    const outcome = await bus.publishEncoded(subject, data, publication);
    if (outcome.ok) publications.published(publication.messageId);
    return outcome;
  };
}
