import type { Bus, EventSubscription, Stoppable } from '@parley/bus';
import type { Database, Outbox, ShardLeases } from '@parley/database';
import { Periodic } from '@parley/service';
import type { Logger } from '@parley/telemetry';
import type { Clock } from '../clock.js';
import type { IceServers } from '../ice-servers.js';
import type { SignalingTables } from '../signaling.tables.js';
import type { Publications } from './publications.js';
import { WatchCore } from './watch-core.js';
import { followGateways, serveWatchQuestions, watchOutside, watchShardHandlers } from './watch.handlers.js';
import { WatchPopulation } from './watch.metrics.js';
import type { WatchOptions } from './watch.options.js';

const FORGET_EVERY_MS = 600_000;

export interface WatchPartContext {
  readonly bus: Bus;
  readonly database: Database<SignalingTables>;
  readonly leases: ShardLeases<SignalingTables>;
  readonly outbox: Outbox<SignalingTables>;
  readonly publications: Publications;
  readonly iceServers: IceServers;
  readonly options: WatchOptions;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Devices and who watches them: what answers, and what goes on beside that. */
export class WatchPart {
  readonly core: WatchCore;
  readonly handlers: ReturnType<typeof watchShardHandlers>;
  readonly #bus: Bus;
  readonly #logger: Logger;
  readonly #tasks: readonly Periodic[];
  readonly #population = new WatchPopulation();
  #gateways: EventSubscription | undefined;
  #status: Stoppable | undefined;

  constructor({ bus, logger, options, ...parts }: WatchPartContext) {
    this.#bus = bus;
    this.#logger = logger;
    const outside = watchOutside(bus, parts.clock, () => bus.status() === 'connected');
    const core = new WatchCore({ ...parts, options, outside });
    this.core = core;
    this.handlers = watchShardHandlers(core);
    const task = (everyMs: number, work: () => Promise<void>, what: string): Periodic =>
      new Periodic(everyMs, work, (error: unknown) => {
        logger.warn({ err: error }, `${what} failed, and is tried again`);
      });
    const rollCall = async (): Promise<void> => {
      this.#population.set(await core.population());
      await core.check.rollCall();
    };
    this.#tasks = [
      task(options.watchSweepMs, () => core.expire.run(), 'looking for watch sessions that are over'),
      task(options.watchRollCallMs, rollCall, 'looking for lost devices and viewers'),
      task(FORGET_EVERY_MS, () => core.expire.forget(), 'forgetting old watch sessions'),
    ];
  }

  /** A shard's new owner, before its first request. */
  takeOver(shard: number): void {
    this.core.takeOver(shard);
  }

  release(shard: number): void {
    this.core.release(shard);
  }

  /** Once shards are served. */
  start(): Stoppable[] {
    this.#status = this.#bus.onStatus((now) => {
      if (now === 'connected') this.core.steadiness.interrupted();
    });
    this.#gateways = followGateways(this.#bus, (gatewayId) => {
      this.core.check.gatewayLost(gatewayId).catch((error: unknown) => {
        this.#logger.warn({ err: error, gatewayId }, 'what hung on a lost gateway is left to the roll call');
      });
    });
    for (const task of this.#tasks) task.soon();
    const tasks = {
      stop: async () => {
        await Promise.all(this.#tasks.map((task) => task.stop()));
      },
    };
    return [tasks, ...serveWatchQuestions(this.#bus, this.core)];
  }

  async close(): Promise<void> {
    this.#gateways?.unsubscribe();
    await this.#status?.stop();
    this.#population.stop();
  }
}
