import { Periodic } from '@parley/service';
import type { Logger } from '@parley/telemetry';
import type { SignalingCore } from './signaling-core.js';

const SUSPECTS_EVERY_MS = 1_000;

/** What this replica does without being asked. */
export class Sweeper {
  readonly #rollCall: Periodic;
  readonly #recheck: Periodic;
  readonly #suspects: Periodic;

  constructor(
    core: SignalingCore,
    settings: { readonly sweepMs: number; readonly recheckMs: number },
    logger: Pick<Logger, 'warn'>,
  ) {
    const failed = (what: string) => (error: unknown) => {
      logger.warn({ err: error }, `${what} failed, and is tried again`);
    };
    this.#rollCall = new Periodic(settings.sweepMs, () => core.rollCall.run(), failed('looking for absent users'));
    this.#recheck = new Periodic(settings.recheckMs, () => core.recheck.run(), failed('checking members anew'));
    this.#suspects = new Periodic(SUSPECTS_EVERY_MS, () => core.suspects.run(), failed('checking suspects'));
  }

  start(): void {
    for (const task of [this.#rollCall, this.#recheck, this.#suspects]) task.soon();
  }

  /** Shards were taken over: what events said of them meanwhile, their owner before may not have acted upon. */
  recheckSoon(): void {
    this.#recheck.soon();
  }

  suspectsNamed(): void {
    this.#suspects.soon();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#rollCall.stop(), this.#recheck.stop(), this.#suspects.stop()]);
  }
}
