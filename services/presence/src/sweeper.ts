import { Periodic } from '@parley/service';
import type { Logger } from '@parley/telemetry';
import type { PresenceCore } from './presence-core.js';
import { Population } from './presence.metrics.js';

const GATEWAYS_EVERY_MS = 1_000;
const POPULATION_EVERY_MS = 15_000;

/** What this replica does without being asked. */
export class Sweeper {
  readonly #grace: Periodic;
  readonly #gateways: Periodic;
  readonly #population: Periodic;

  constructor(
    core: PresenceCore,
    settings: { readonly sweepMs: number; readonly held: () => readonly number[] },
    logger: Logger,
  ) {
    const counted = new Population();
    const failed = (what: string) => (error: unknown) => {
      logger.warn({ err: error }, `${what} failed, and is tried again`);
    };
    this.#grace = new Periodic(settings.sweepMs, () => core.endGrace.run(), failed('ending graces'));
    this.#gateways = new Periodic(GATEWAYS_EVERY_MS, () => core.clearGateways.run(), failed('clearing lost gateways'));
    this.#population = new Periodic(
      POPULATION_EVERY_MS,
      async () => {
        const shards = settings.held();
        counted.set(await core.connections.count(shards), await core.presences.countOnline(shards));
      },
      failed('counting connections'),
    );
  }

  start(): void {
    for (const task of [this.#grace, this.#gateways, this.#population]) task.soon();
  }

  gatewaysChanged(): void {
    this.#gateways.soon();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#grace.stop(), this.#gateways.stop(), this.#population.stop()]);
  }
}
