import {
  shardOf,
  type ConnectionId,
  type ConnectionInfo,
  type DialectName,
  type GatewayId,
  type OpenedConnection,
  type UserId,
} from '@parley/contracts';
import type { Database } from '@parley/database';
import { sql, type RawBuilder } from 'kysely';
import { ConnectionCounts } from './connection.js';
import type { PresenceTables, PresenceTransaction } from './presence.tables.js';

export interface ConnectionFilter {
  readonly userId?: UserId;
  readonly connectionId?: ConnectionId;
  readonly gatewayId?: GatewayId;
  readonly dialect?: DialectName;
}

/** Connections of one dialect that a user has; `goneSince` tells when the last ended (ms since 1970), 0 for never. */
export interface Reach {
  readonly userId: UserId;
  readonly connections: number;
  readonly goneSince: number;
}

/** A connection that was open until now. */
export interface ClosedConnection {
  readonly connectionId: ConnectionId;
  readonly userId: UserId;
  readonly gatewayId: GatewayId;
  readonly guest: boolean;
}

/** Whose presence may change with these: guests have none. */
export function accountsOf(
  connections: readonly { readonly userId: UserId; readonly guest?: boolean }[],
): readonly UserId[] {
  return [...new Set(connections.filter(({ guest }) => guest !== true).map(({ userId }) => userId))];
}

/** Every connection of the cluster, one row each. */
export class ConnectionRepository {
  readonly #database: Database<PresenceTables>;

  constructor(database: Database<PresenceTables>) {
    this.#database = database;
  }

  async open(
    trx: PresenceTransaction,
    shard: number,
    gatewayId: GatewayId,
    opened: readonly OpenedConnection[],
  ): Promise<void> {
    if (opened.length === 0) return;
    await sql`
      INSERT INTO connections
        (connection_id, user_id, shard, gateway_id, login_id, dialect, address, connected_at, guest)
      SELECT given.connection_id, given.user_id, ${shard}::smallint, ${gatewayId}::uuid, given.login_id, given.dialect,
             given.address, given.connected_at, given.guest
      FROM unnest(
        ${opened.map((connection) => connection.connectionId)}::uuid[],
        ${opened.map((connection) => connection.userId)}::uuid[],
        ${opened.map((connection) => connection.loginId)}::uuid[],
        ${opened.map((connection) => connection.dialect)}::text[],
        ${opened.map((connection) => connection.address)}::text[],
        ${opened.map((connection) => connection.connectedAt)}::bigint[],
        ${opened.map((connection) => connection.guest ?? false)}::boolean[]
      ) AS given (connection_id, user_id, login_id, dialect, address, connected_at, guest)
      ON CONFLICT (connection_id) DO NOTHING
    `.execute(trx);
  }

  /** Those that were not open are passed over. `at`: when they ended. */
  close(
    trx: PresenceTransaction,
    gatewayId: GatewayId,
    connectionIds: readonly ConnectionId[],
    at: number,
  ): Promise<readonly ClosedConnection[]> {
    if (connectionIds.length === 0) return Promise.resolve([]);
    return this.#close(trx, sql`connection_id = ANY(${connectionIds}::uuid[]) AND gateway_id = ${gatewayId}`, at);
  }

  /** All that a gateway had among the users of one shard. `at`: when it was last known to be alive. */
  closeGateway(
    trx: PresenceTransaction,
    shard: number,
    gatewayId: GatewayId,
    at: number,
  ): Promise<readonly ClosedConnection[]> {
    return this.#close(trx, sql`gateway_id = ${gatewayId} AND shard = ${shard}`, at);
  }

  /** In whose place others have come: only of the same user, on whichever gateway they are. */
  closeReplaced(
    trx: PresenceTransaction,
    by: readonly OpenedConnection[],
    at: number,
  ): Promise<readonly ClosedConnection[]> {
    const pairs = by.flatMap(({ replaces, userId }) => (replaces === undefined ? [] : [{ replaces, userId }]));
    if (pairs.length === 0) return Promise.resolve([]);
    const [ids, users] = [pairs.map(({ replaces }) => replaces), pairs.map(({ userId }) => userId)];
    const which = sql`(connection_id, user_id) IN (SELECT * FROM unnest(${ids}::uuid[], ${users}::uuid[]))`;
    return this.#close(trx, which, at);
  }

  /** Connections may be closed in another order than they ended in, hence the latest of both. */
  async #close(trx: PresenceTransaction, which: RawBuilder<unknown>, at: number): Promise<readonly ClosedConnection[]> {
    const { rows } = await sql<ClosedConnection>`
      WITH closed AS (
        DELETE FROM connections WHERE ${which} RETURNING connection_id, user_id, gateway_id, dialect, guest
      ), noted AS (
        INSERT INTO departures (user_id, dialect, gone_since)
        SELECT DISTINCT user_id, dialect, ${at}::bigint FROM closed WHERE NOT guest
        ON CONFLICT (user_id, dialect) DO UPDATE SET gone_since = greatest(departures.gone_since, excluded.gone_since)
      )
      SELECT connection_id AS "connectionId", user_id AS "userId", gateway_id AS "gatewayId", guest FROM closed
    `.execute(trx);
    return rows;
  }

  /** Which of these are open already. */
  async known(trx: PresenceTransaction, connectionIds: readonly ConnectionId[]): Promise<ReadonlySet<ConnectionId>> {
    if (connectionIds.length === 0) return new Set();
    const rows = await trx
      .selectFrom('connections')
      .select('connection_id')
      .where(sql<boolean>`connection_id = ANY(${connectionIds}::uuid[])`)
      .execute();
    return new Set(rows.map((row) => row.connection_id));
  }

  async counts(trx: PresenceTransaction, userIds: readonly UserId[]): Promise<ConnectionCounts> {
    const counts = new ConnectionCounts();
    if (userIds.length === 0) return counts;
    const rows = await trx
      .selectFrom('connections')
      .select((e) => ['user_id', 'dialect', e.fn.countAll<number>().as('count')])
      .where(sql<boolean>`user_id = ANY(${userIds}::uuid[])`)
      .groupBy(['user_id', 'dialect'])
      .execute();
    for (const row of rows) counts.add(row.user_id, row.dialect, row.count);
    return counts;
  }

  /**
   * Users whose shard has no owner now are left out: their gateways cannot report, so nobody knows.
   * In the order asked.
   */
  async reach(users: readonly UserId[], dialect: DialectName): Promise<readonly Reach[]> {
    if (users.length === 0) return [];
    const { rows } = await sql<Reach>`
      SELECT asked.user_id AS "userId", coalesce(departures.gone_since, 0) AS "goneSince", (
        SELECT count(*) FROM connections WHERE connections.user_id = asked.user_id AND dialect = ${dialect}
      ) AS connections
      FROM unnest(${users}::uuid[], ${users.map(shardOf)}::smallint[]) WITH ORDINALITY AS asked (user_id, shard, place)
      JOIN shard_leases ON shard_leases.shard = asked.shard AND expires_at > now()
      LEFT JOIN departures ON departures.user_id = asked.user_id AND departures.dialect = ${dialect}
      ORDER BY asked.place
    `.execute(this.#database.kysely);
    return rows;
  }

  /** Of users whose shard has an owner now; of the others nobody knows. */
  async gone(
    asked: readonly { readonly connectionId: ConnectionId; readonly userId: UserId }[],
  ): Promise<readonly ConnectionId[]> {
    if (asked.length === 0) return [];
    const ids = asked.map(({ connectionId }) => connectionId);
    const shards = asked.map(({ userId }) => shardOf(userId));
    const { rows } = await sql<{ connection_id: ConnectionId }>`
      SELECT DISTINCT asked.connection_id
      FROM unnest(${ids}::uuid[], ${shards}::smallint[]) AS asked (connection_id, shard)
      JOIN shard_leases ON shard_leases.shard = asked.shard AND expires_at > now()
      WHERE NOT EXISTS (SELECT FROM connections WHERE connections.connection_id = asked.connection_id)
    `.execute(this.#database.kysely);
    return rows.map((row) => row.connection_id);
  }

  /** Ordered by id, so that a page can go on `after` the last one; `total` counts all pages. */
  async list(
    filter: ConnectionFilter,
    after: ConnectionId | undefined,
    limit: number,
  ): Promise<{ readonly connections: readonly ConnectionInfo[]; readonly total: number }> {
    let matching = this.#database.kysely.selectFrom('connections');
    if (filter.userId !== undefined) matching = matching.where('user_id', '=', filter.userId);
    if (filter.connectionId !== undefined) matching = matching.where('connection_id', '=', filter.connectionId);
    if (filter.gatewayId !== undefined) matching = matching.where('gateway_id', '=', filter.gatewayId);
    if (filter.dialect !== undefined) matching = matching.where('dialect', '=', filter.dialect);
    const page = after === undefined ? matching : matching.where('connection_id', '>', after);
    const rows = await page.selectAll().orderBy('connection_id').limit(limit).execute();
    if (after === undefined && rows.length < limit) return { connections: rows.map(toInfo), total: rows.length };
    const counted = await matching.select((e) => e.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
    return { connections: rows.map(toInfo), total: counted.total };
  }

  /** Gateways that have connections. Hops over the index from one to the next, however many connections each has. */
  async gateways(): Promise<readonly GatewayId[]> {
    const { rows } = await sql<{ gateway_id: GatewayId }>`
      WITH RECURSIVE found AS (
        (SELECT gateway_id FROM connections ORDER BY gateway_id LIMIT 1)
        UNION ALL
        SELECT (
          SELECT c.gateway_id FROM connections c
          WHERE c.gateway_id > found.gateway_id ORDER BY c.gateway_id LIMIT 1
        )
        FROM found WHERE found.gateway_id IS NOT NULL
      )
      SELECT gateway_id FROM found WHERE gateway_id IS NOT NULL
    `.execute(this.#database.kysely);
    return rows.map((row) => row.gateway_id);
  }

  async shardsOfGateway(gatewayId: GatewayId, among: readonly number[]): Promise<readonly number[]> {
    const rows = await this.#database.kysely
      .selectFrom('connections')
      .select('shard')
      .distinct()
      .where('gateway_id', '=', gatewayId)
      .where(sql<boolean>`shard = ANY(${among}::smallint[])`)
      .execute();
    return rows.map((row) => row.shard);
  }

  async count(shards: readonly number[]): Promise<number> {
    const counted = await this.#database.kysely
      .selectFrom('connections')
      .select((e) => e.fn.countAll<number>().as('total'))
      .where(sql<boolean>`shard = ANY(${shards}::smallint[])`)
      .executeTakeFirstOrThrow();
    return counted.total;
  }
}

function toInfo(row: PresenceTables['connections']): ConnectionInfo {
  return {
    connectionId: row.connection_id,
    gatewayId: row.gateway_id,
    userId: row.user_id,
    loginId: row.login_id,
    dialect: row.dialect,
    address: row.address,
    connectedAt: row.connected_at,
    ...(row.guest ? { guest: true } : {}),
  };
}
