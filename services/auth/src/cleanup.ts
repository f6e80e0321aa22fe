import type { Logger } from '@parley/telemetry';
import { deleteExcessAttempts, deleteRestingAttempts } from './attempts.repository.js';
import { cleaned } from './auth.metrics.js';
import type { Sql } from './auth.tables.js';
import type { Clock } from './clock.js';
import { deleteExpiredLogins } from './login.repository.js';
import { deleteExpiredTokens } from './refresh-token.repository.js';

export interface CleanupOptions {
  readonly everyMs: number;
  readonly attemptRows: number;
  /** Rows per statement: each holds its locks only briefly. */
  readonly batch: number;
  /** Statements per table and run; what is left over waits for the next run. */
  readonly batches: number;
}

type Delete = (batch: number) => Promise<number>;

/** Deletes what has expired. All replicas may do it at once: each skips the rows that another holds. */
export class Cleanup {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(
    private readonly sql: Sql,
    private readonly clock: Clock,
    private readonly options: CleanupOptions,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.#timer = setInterval(() => {
      this.run().catch((error: unknown) => {
        this.logger.warn({ err: error }, 'expired rows could not be deleted; the next try follows');
      });
    }, this.options.everyMs);
    this.#timer.unref();
  }

  /** Ends after the statement that is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running?.catch(() => undefined);
  }

  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(): Promise<void> {
    const now = new Date(this.clock());
    await this.#empty('refresh_tokens', (batch) => deleteExpiredTokens(this.sql, now, batch));
    await this.#empty('logins', (batch) => deleteExpiredLogins(this.sql, now, batch));
    await this.#empty('attempts', (batch) => deleteRestingAttempts(this.sql, now, batch));
    await this.#empty('attempts', (batch) => deleteExcessAttempts(this.sql, this.options.attemptRows, batch));
  }

  async #empty(table: string, remove: Delete): Promise<void> {
    const { batch, batches } = this.options;
    for (let i = 0; i < batches && !this.#stopped; i++) {
      const count = await remove(batch);
      if (count > 0) cleaned.add(count, { table });
      if (count < batch) return;
    }
  }
}
