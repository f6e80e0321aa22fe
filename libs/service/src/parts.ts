import type { Bus } from '@parley/bus';
import type { Database } from '@parley/database';
import { shutdownTelemetry } from '@parley/telemetry';
import type { Running } from './definition.js';
import type { Probes } from './probes.js';
import type { Stage } from './shutdown.js';

const TELEMETRY_MS = 3_000;

/** Everything that has been started so far, whenever the end comes: also in the middle of the start. */
export class Parts {
  running: Running | undefined;
  bus: Bus | undefined;
  probes: Probes | undefined;
  readonly databases: Pick<Database<unknown>, 'close'>[] = [];
  readonly closers: Stage[] = [];

  /** Intake, those we serve, the rest, then what the rest needed. Probes answer until the very end. */
  stages(): readonly Stage[] {
    const { running, bus, probes } = this;
    const { intake = [] } = running ?? {};
    return [
      { name: 'stop intake', run: () => Promise.all(intake.map((stoppable) => stoppable.stop())) },
      { name: 'drain', run: async (leftMs) => running?.drain?.(leftMs) },
      { name: 'close service', run: async () => running?.close?.() },
      ...[...this.closers].reverse(),
      { name: 'close bus', run: async (leftMs) => bus?.close(leftMs) },
      {
        name: 'close database',
        run: (leftMs) => Promise.all(this.databases.map((database) => database.close(leftMs))),
      },
      { name: 'flush telemetry', run: (leftMs) => shutdownTelemetry(Math.min(TELEMETRY_MS, leftMs)) },
      { name: 'close probes', run: async () => probes?.close() },
    ];
  }
}
