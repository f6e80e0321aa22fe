import type { Database } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import type { ReadyCheck } from './readiness.js';

const INTERVAL_MS = 2_000;
const DEADLINE_MS = 1_500;

/** Asks the database every two seconds, so that probes, however many, cost it nothing. */
export class DatabaseWatch {
  private reachable = true;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly database: Pick<Database<unknown>, 'isReachable'>,
    private readonly logger: Pick<Logger, 'info' | 'warn'>,
    private readonly intervalMs = INTERVAL_MS,
  ) {}

  readonly check: ReadyCheck = () => (this.reachable ? undefined : 'the database cannot be reached');

  start(): void {
    this.timer = setTimeout(() => void this.ask(), this.intervalMs).unref();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async ask(): Promise<void> {
    const reachable = await this.database.isReachable(DEADLINE_MS);
    if (this.stopped) return;
    if (reachable !== this.reachable) {
      if (reachable) this.logger.info('the database can be reached again');
      else this.logger.warn('the database cannot be reached');
    }
    this.reachable = reachable;
    this.start();
  }
}
