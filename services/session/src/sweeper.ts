import { Periodic } from '@parley/service';
import type { Logger } from '@parley/telemetry';
import type { SessionCore } from './session-core.js';

export interface SweepSettings {
  readonly sweepMs: number;
  readonly rollCallMs: number;
  readonly counted: (now: { readonly sessions: number; readonly members: number }) => void;
}

/** What this replica does without being asked. */
export class Sweeper {
  readonly #expire: Periodic;
  readonly #rollCall: Periodic;

  constructor(core: SessionCore, settings: SweepSettings, logger: Pick<Logger, 'warn'>) {
    const failed = (what: string) => (error: unknown) => {
      logger.warn({ err: error }, `${what} failed, and is tried again`);
    };
    const sweep = async (): Promise<void> => {
      await core.news.sweep();
      await core.expire.run();
    };
    const call = async (): Promise<void> => {
      settings.counted(await core.population());
      await core.rollCall.run();
    };
    this.#expire = new Periodic(settings.sweepMs, sweep, failed('looking for what is over'));
    this.#rollCall = new Periodic(settings.rollCallMs, call, failed('looking for lost connections'));
  }

  start(): void {
    this.#expire.soon();
    this.#rollCall.soon();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#expire.stop(), this.#rollCall.stop()]);
  }
}
