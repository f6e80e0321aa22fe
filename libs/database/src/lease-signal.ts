import { sql } from 'kysely';
import type pg from 'pg';
import type { Database } from './database.js';

const STATEMENT_TIMEOUT_MS = 5_000;
/** A replica that leaves gives back its shards one by one; they are one occasion to look. */
const GATHER_MS = 20;

/**
 * Tells the other replicas at once that a shard came free or that somebody came or went. Only a convenience, by
 * LISTEN/NOTIFY on a connection of its own: while that is down, everybody finds out at the next renewal.
 */
export class LeaseSignal<T> {
  private client: Promise<pg.Client | undefined> | undefined;
  private gather: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly database: Database<T>,
    private readonly heard: () => void,
  ) {}

  /** Connects when there is no connection; called again and again. */
  listen(): void {
    if (!this.stopped) this.client ??= this.connect();
  }

  async tell(): Promise<void> {
    await sql`SELECT pg_notify(${this.channel}, '')`.execute(this.database.housekeeping);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.gather);
    const client = await this.client;
    await client?.end().catch(() => undefined);
  }

  private get channel(): string {
    return `parley_shards_${this.database.schema}`;
  }

  private async connect(): Promise<pg.Client | undefined> {
    try {
      const client = await this.database.dedicated(STATEMENT_TIMEOUT_MS);
      client.on('end', () => {
        this.client = undefined;
      });
      client.on('notification', () => {
        this.gather ??= setTimeout(() => {
          this.gather = undefined;
          this.heard();
        }, GATHER_MS).unref();
      });
      await client.query(`LISTEN ${this.channel}`);
      return client;
    } catch {
      // Whatever is wrong, the renewal that follows says it.
      this.client = undefined;
      return undefined;
    }
  }
}
