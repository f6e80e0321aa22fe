import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { connectionWait, statementSeconds, timed } from './database.metrics.js';
import { isConnectionLoss } from './failures.js';
import type { DatabaseLog } from './log.js';

const INT8_OID = 20;
const KEEP_ALIVE_MS = 10_000;
const IDLE_MS = 30_000;

export interface ConnectionOptions {
  readonly url: string;
  readonly schema: string;
  readonly name: string;
  readonly statementTimeoutMs: number;
  readonly idleInTransactionMs: number;
  readonly connectTimeoutMs: number;
}

/** What every connection of ours is opened with. */
export function connectionConfig(options: ConnectionOptions): pg.ClientConfig {
  const url = new URL(options.url);
  // pg lets the URL win over the settings beside it, so the URL's own `options` are joined with ours.
  const given = url.searchParams.get('options') ?? '';
  url.searchParams.delete('options');
  const types = new pg.TypeOverrides();
  // Counts, sequences and milliseconds: all far below 2^53, and a string would only be forgotten about.
  types.setTypeParser(INT8_OID, Number);
  return {
    connectionString: url.toString(),
    application_name: options.name,
    options: `${given} -c search_path=${options.schema}`.trim(),
    statement_timeout: options.statementTimeoutMs,
    lock_timeout: options.statementTimeoutMs,
    idle_in_transaction_session_timeout: options.idleInTransactionMs,
    // Only for a server that has vanished without closing: a living one cancels the statement before.
    query_timeout: options.statementTimeoutMs + 1_000,
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types,
  };
}

export function createPool(options: ConnectionOptions, size: number, log: DatabaseLog): pg.Pool {
  const pool = new pg.Pool({ ...connectionConfig(options), max: size, idleTimeoutMillis: IDLE_MS });
  const onError = (error: Error): void => {
    log.warn({ err: error }, 'a database connection was lost');
  };
  // The pool listens only to idle clients. A connection that breaks between two statements of a transaction would
  // otherwise end the process with an unhandled 'error' event.
  pool.on('connect', (client) => client.on('error', onError));
  pool.on('error', () => undefined);
  return pool;
}

/** The pool as Kysely wants it, except that a connection which failed is closed instead of handed to the next. */
export class CheckedPool implements PostgresPool {
  constructor(private readonly pool: pg.Pool) {}

  async connect(): Promise<CheckedClient> {
    return new CheckedClient(await timed(connectionWait, this.pool.connect()));
  }

  end(): Promise<void> {
    return this.pool.end();
  }
}

export class CheckedClient implements PostgresPoolClient {
  private broken: Error | undefined;

  constructor(private readonly client: pg.PoolClient) {}

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  query(sql: unknown, parameters?: readonly unknown[]): unknown {
    if (typeof sql !== 'string') throw new Error('cursors are not used here');
    return this.run({ text: sql, values: [...(parameters ?? [])] });
  }

  /** Parsed and planned once per connection. A name stands for one text. */
  prepared<R extends pg.QueryResultRow>(
    name: string,
    text: string,
    parameters: readonly unknown[],
  ): Promise<pg.QueryResult<R>> {
    return this.run<R>({ name, text, values: [...parameters] });
  }

  private run<R extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<R>> {
    // After a read timeout the connection still waits for its answer; a rollback sent there would wait behind it.
    if (this.broken !== undefined) return Promise.reject(this.broken);
    return timed(statementSeconds, this.client.query<R>(query)).catch((error: unknown) => {
      if (isConnectionLoss(error) && error instanceof Error) this.broken = error;
      throw error;
    });
  }

  release(): void {
    this.client.release(this.broken ?? false);
  }
}
