import type { Logger } from '@parley/telemetry';
import type { ClearGateways } from './clear-gateways.js';
import type { ConnectionRepository } from './connection.repository.js';
import type { EndGrace } from './end-grace.js';
import { Periodic } from './periodic.js';
import type { Population } from './presence.metrics.js';
import type { PresenceRepository } from './presence.repository.js';

const GATEWAYS_EVERY_MS = 1_000;
const POPULATION_EVERY_MS = 15_000;

export interface SweeperParts {
  readonly endGrace: EndGrace;
  readonly gateways: ClearGateways;
  readonly population: Population;
  readonly presences: PresenceRepository;
  readonly connections: ConnectionRepository;
}

/** What this replica does without being asked. */
export class Sweeper {
  readonly #grace: Periodic;
  readonly #gateways: Periodic;
  readonly #population: Periodic;

  constructor(
    parts: SweeperParts,
    settings: { readonly sweepMs: number; held: () => readonly number[] },
    logger: Logger,
  ) {
    const failed = (what: string) => (error: unknown) => {
      logger.warn({ err: error }, `${what} failed, and is tried again`);
    };
    this.#grace = new Periodic(settings.sweepMs, () => parts.endGrace.run(), failed('ending graces'));
    this.#gateways = new Periodic(GATEWAYS_EVERY_MS, () => parts.gateways.run(), failed('clearing lost gateways'));
    this.#population = new Periodic(
      POPULATION_EVERY_MS,
      async () => {
        const shards = settings.held();
        parts.population.set(await parts.connections.count(shards), await parts.presences.countOnline(shards));
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
