import { sql, type RawBuilder, type Transaction } from 'kysely';
import type { Database } from './database.js';

export interface Lease {
  readonly shard: number;
  readonly epoch: number;
}

export interface Heartbeat {
  /** The leases of those asked for that are still ours. */
  readonly kept: readonly Lease[];
  /** Everyone else who takes part now. */
  readonly others: readonly string[];
  /** Until the first of the others would count as gone; undefined when there are none. */
  readonly othersExpireInMs: number | undefined;
}

/**
 * The statements behind `ShardLeases`. All times are Postgres's, so that clocks of replicas do not matter.
 *
 * A fence takes a KEY SHARE lock on its lease's row, which a renewal (an update of no key) does not wait for, and which
 * the FOR UPDATE of a takeover cannot pass: a shard is taken over only when no write of its owner is under way.
 */
export class LeaseTable<T> {
  constructor(
    private readonly database: Database<T>,
    readonly owner: string,
    private readonly ttlMs: number,
  ) {}

  /** Renews our membership and the given leases, in one statement. */
  async heartbeat(held: readonly number[]): Promise<Heartbeat> {
    const { rows } = await sql<{ kept: Lease[] | null; others: string[] | null; othersExpireInMs: number | null }>`
      WITH member AS (
        INSERT INTO shard_members (owner, expires_at) VALUES (${this.owner}, ${this.expiry()})
        ON CONFLICT (owner) DO UPDATE SET expires_at = excluded.expires_at
      ), renewed AS (
        UPDATE shard_leases SET expires_at = ${this.expiry()}
        WHERE owner = ${this.owner} AND shard = ANY (${[...held]}::smallint[])
        RETURNING shard, epoch
      ), forgotten AS (
        DELETE FROM shard_members WHERE owner <> ${this.owner} AND expires_at < now() - interval '1 minute'
      ), alive AS (
        SELECT owner, expires_at FROM shard_members WHERE owner <> ${this.owner} AND expires_at > now()
      )
      SELECT (SELECT json_agg(json_build_object('shard', shard, 'epoch', epoch)) FROM renewed) AS kept,
             (SELECT json_agg(owner) FROM alive) AS others,
             (SELECT extract(epoch FROM min(expires_at) - now()) * 1000 FROM alive)::float8 AS "othersExpireInMs"
    `.execute(this.database.housekeeping);
    const row = rows[0];
    return {
      kept: row?.kept ?? [],
      others: row?.others ?? [],
      othersExpireInMs: row?.othersExpireInMs ?? undefined,
    };
  }

  /**
   * Takes up to `count` shards that nobody holds, or that are ours in the table alone (we had to give them up before a
   * renewal came through), except those in `except`.
   */
  async take(count: number, except: readonly number[]): Promise<readonly Lease[]> {
    const { rows } = await sql<Lease>`
      WITH free AS (
        SELECT shard FROM shard_leases
        WHERE (owner IS NULL OR expires_at < now() OR owner = ${this.owner})
          AND NOT shard = ANY (${[...except]}::smallint[])
        ORDER BY shard LIMIT ${count} FOR UPDATE SKIP LOCKED
      )
      UPDATE shard_leases SET owner = ${this.owner}, epoch = shard_leases.epoch + 1, expires_at = ${this.expiry()}
      FROM free WHERE shard_leases.shard = free.shard
      RETURNING shard_leases.shard, shard_leases.epoch
    `.execute(this.database.housekeeping);
    return rows;
  }

  async release({ shard, epoch }: Lease): Promise<void> {
    await sql`
      UPDATE shard_leases SET owner = NULL, expires_at = '-infinity'
      WHERE shard = ${shard} AND owner = ${this.owner} AND epoch = ${epoch}
    `.execute(this.database.housekeeping);
  }

  async leave(): Promise<void> {
    await sql`DELETE FROM shard_members WHERE owner = ${this.owner}`.execute(this.database.housekeeping);
  }

  /** Whether the lease is ours; if so, it stays ours until the transaction ends. */
  async lock<U>(trx: Transaction<U>, { shard, epoch }: Lease): Promise<boolean> {
    const { rows } = await sql`
      SELECT 1 FROM shard_leases WHERE shard = ${shard} AND owner = ${this.owner} AND epoch = ${epoch} FOR KEY SHARE
    `.execute(trx);
    return rows.length > 0;
  }

  /** A query that gives one row per lease that is ours; these stay ours until its transaction ends. */
  lockAll(leases: readonly Lease[]): RawBuilder<{ shard: number }> {
    return sql`
      SELECT held.shard FROM shard_leases AS held
      JOIN unnest(${leases.map(({ shard }) => shard)}::smallint[], ${leases.map(({ epoch }) => epoch)}::bigint[])
        AS asked (shard, epoch) ON held.shard = asked.shard AND held.epoch = asked.epoch
      WHERE held.owner = ${this.owner} FOR KEY SHARE OF held`;
  }

  private expiry() {
    return sql`now() + ${this.ttlMs} * interval '1 millisecond'`;
  }
}
