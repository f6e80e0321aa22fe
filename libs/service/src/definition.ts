import type { Bus, ConnectBusOptions, Stoppable } from '@parley/bus';
import type { OptionDefinitions, Options } from '@parley/config';
import type { ServiceName } from '@parley/contracts';
import type { Database } from '@parley/database';
import type { Logger } from '@parley/telemetry';
import type { CommonOptions } from './common-options.js';
import type { Readiness } from './readiness.js';

export interface ServiceDefinition<D extends OptionDefinitions> {
  /** Also the service's name in telemetry and NATS, and its schema in Postgres. */
  readonly name: ServiceName;
  /** The service's own; `commonOptions` are added. */
  readonly options: D;
  /** Builds the service. Throwing ends the process: one line on standard error, exit code 1. */
  start(context: ServiceContext<Options<D>>): Promise<Running>;
  /** Settings of the bus beyond the common ones. */
  busOptions?(options: Options<D>): Partial<ConnectBusOptions>;
  /** Time for `Running.drain`, in seconds, added to PARLEY_SHUTDOWN_SECONDS. Default 0. */
  drainSeconds?(options: Options<D>): number;
}

export interface ServiceContext<O> {
  readonly name: ServiceName;
  /** Unique per run of a process. */
  readonly instanceId: string;
  readonly options: O;
  readonly common: CommonOptions;
  readonly bus: Bus;
  readonly logger: Logger;
  readonly readiness: Readiness;
  /** Aborted when the shutdown begins. */
  readonly shutdown: AbortSignal;
  /**
   * Connects (waiting a while for a Postgres that is still starting), migrates, joins the readiness, and is closed
   * last. `T` lists the tables.
   */
  openDatabase<T>(options: OpenDatabaseOptions): Promise<Database<T>>;
  /** Something to be closed after `Running.close`, before the bus and the database; the last that was added goes first. */
  onClose(name: string, close: () => Promise<void>): void;
}

export interface OpenDatabaseOptions {
  /** Folder of the service's own migrations. */
  readonly migrations: URL;
  /** How long a Postgres that cannot be reached is waited for, default 10,000. */
  readonly patienceMs?: number;
}

/** What runs, in the order in which it ends. */
export interface Running {
  /** Whatever brings new work. Stopped first, all at once; `stop` finishes what is under way. */
  readonly intake?: readonly Stoppable[];
  /** Sends away whom we serve, within `leftMs`. Bus and database still work. */
  drain?(leftMs: number): Promise<void>;
  /** The rest: timers, flushes. Bus and database still work. */
  close?(): Promise<void>;
  /** Why this process should get no new work, beside what bus and database say; undefined when it should. */
  ready?(): string | undefined;
  /** Added to the line of PARLEY_ANNOUNCE, such as the ports that were taken. */
  readonly announce?: Readonly<Record<string, unknown>>;
}
