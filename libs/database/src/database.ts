import { Kysely, PostgresDialect, type CompiledQuery, type RawBuilder, type Transaction } from 'kysely';
import pg from 'pg';
import { watchPool, type PoolUsage } from './database.metrics.js';
import type { DatabaseLog } from './log.js';
import { CheckedPool, connectionConfig, createPool, type ConnectionOptions } from './pool.js';

export interface DatabaseOptions {
  readonly url: string;
  /** Postgres schema that everything of this service lies in: lower case letters, digits, `_`. */
  readonly schema: string;
  /** Connections for work (default 10); at most two more serve leases and probes. */
  readonly poolSize?: number;
  /** What Postgres shows as `application_name`; default: the schema. */
  readonly name?: string;
  /** Limit of one statement and of one wait for a lock. Default 5,000. */
  readonly statementTimeoutMs?: number;
  /** Limit of connecting, and of waiting for a free connection. Default 3,000. */
  readonly connectTimeoutMs?: number;
  readonly logger: DatabaseLog;
}

/** `T` lists the tables: `{ users: UsersTable }`, as Kysely wants them. */
export interface Database<T> {
  readonly kysely: Kysely<T>;
  /**
   * Two connections beside the pool, for what must not wait behind a queue of ordinary work: lease renewals above all.
   */
  readonly housekeeping: Kysely<T>;
  readonly schema: string;
  readonly logger: DatabaseLog;
  /** Pool's state now, in connections and waiting callers. */
  usage(): PoolUsage;
  /** Read committed. Rolled back when `work` throws; the error is thrown on. */
  transaction<R>(work: (trx: Transaction<T>) => Promise<R>): Promise<R>;
  /**
   * One statement outside any transaction, for the few whose parsing and planning cost more than their work: that is done
   * once per connection. A name stands for one text; what varies are its parameters.
   */
  prepared<R extends pg.QueryResultRow>(name: string, statement: RawBuilder<R>): Promise<Prepared<R>>;
  /** Asked on a connection of its own, so that a busy pool is not mistaken for a dead server. */
  isReachable(deadlineMs?: number): Promise<boolean>;
  /** A connection outside the pool, for migrations. The caller ends it. */
  dedicated(statementTimeoutMs: number): Promise<pg.Client>;
  /** Waits for work under way, at most `deadlineMs` (default 5,000). */
  close(deadlineMs?: number): Promise<void>;
}

export interface Prepared<R> {
  readonly rows: readonly R[];
  /** That it has inserted, changed, deleted or found. */
  readonly rowCount: number;
}

const HOUSEKEEPING_CONNECTIONS = 2;
/**
 * Below a lease's lifetime: an owner that is paused within a transaction holds its shard's row until Postgres ends the
 * transaction, and until then nobody can take the shard over.
 */
const IDLE_IN_TRANSACTION_MS = 5_000;

/** Connects when first used; a server that is not there yet is no error here. */
export function createDatabase<T>(options: DatabaseOptions): Database<T> {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(options.schema)) throw new Error(`no schema name: "${options.schema}"`);
  const { logger, schema, poolSize = 10 } = options;
  const connection: ConnectionOptions = {
    url: options.url,
    schema,
    name: options.name ?? schema,
    statementTimeoutMs: options.statementTimeoutMs ?? 5_000,
    idleInTransactionMs: IDLE_IN_TRANSACTION_MS,
    connectTimeoutMs: options.connectTimeoutMs ?? 3_000,
  };
  const pool = createPool(connection, poolSize, logger);
  const sidePool = createPool(connection, HOUSEKEEPING_CONNECTIONS, logger);
  const checked = new CheckedPool(pool);
  const kysely = kyselyOn<T>(checked);
  const housekeeping = kyselyOn<T>(new CheckedPool(sidePool));
  const usage = (): PoolUsage => ({
    size: poolSize,
    open: pool.totalCount,
    idle: pool.idleCount,
    waiting: pool.waitingCount,
  });
  const metrics = watchPool(usage);
  let closed: Promise<void> | undefined;

  return {
    kysely,
    housekeeping,
    schema,
    logger,
    usage,
    transaction: (work) => kysely.transaction().execute(work),
    prepared: (name, statement) => executePrepared(checked, name, statement.compile(kysely)),
    isReachable: (deadlineMs = 1_000) => probe(connection, deadlineMs),
    dedicated: (statementTimeoutMs) => openClient({ ...connection, statementTimeoutMs }, logger),
    close(deadlineMs = 5_000) {
      metrics.stop();
      closed ??= closeWithin(deadlineMs, [kysely.destroy(), housekeeping.destroy()], logger);
      return closed;
    },
  };
}

function kyselyOn<T>(pool: CheckedPool): Kysely<T> {
  return new Kysely<T>({ dialect: new PostgresDialect({ pool }) });
}

async function executePrepared<R extends pg.QueryResultRow>(
  pool: CheckedPool,
  name: string,
  { sql, parameters }: CompiledQuery<R>,
): Promise<Prepared<R>> {
  const client = await pool.connect();
  try {
    const { rows, rowCount } = await client.prepared<R>(name, sql, parameters);
    return { rows, rowCount: rowCount ?? 0 };
  } finally {
    client.release();
  }
}

async function openClient(connection: ConnectionOptions, log: DatabaseLog): Promise<pg.Client> {
  const client = new pg.Client(connectionConfig(connection));
  client.on('error', (error) => {
    log.warn({ err: error }, 'a database connection was lost');
  });
  await client.connect();
  return client;
}

async function probe(connection: ConnectionOptions, deadlineMs: number): Promise<boolean> {
  const client = new pg.Client({
    ...connectionConfig({ ...connection, connectTimeoutMs: deadlineMs }),
    query_timeout: deadlineMs,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    client.end().catch(() => undefined);
  }
}

async function closeWithin(deadlineMs: number, work: readonly Promise<void>[], log: DatabaseLog): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, deadlineMs, 'late');
  });
  const result = await Promise.race([Promise.allSettled(work), late]);
  clearTimeout(timer);
  if (result === 'late') log.warn({ deadlineMs }, 'database connections were still busy when their time was over');
}
