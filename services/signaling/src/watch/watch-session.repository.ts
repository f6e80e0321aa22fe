import type {
  ConnectionId,
  DeviceId,
  GatewayId,
  UserId,
  WatchEndReason,
  WatchSession,
  WatchSessionId,
} from '@parley/contracts';
import type { Database } from '@parley/database';
import { sql } from 'kysely';
import type { SignalingTables, SignalingTransaction } from '../signaling.tables.js';
import { linkOf, type Link, type StoredDevice } from './device.js';
import type { LiveSession } from './live-session.js';
import type { WatchTables } from './watch.tables.js';

type Table = WatchTables['watch_sessions'];
interface LiveRow extends Pick<
  Table,
  'session_id' | 'device_id' | 'user_id' | 'connection_id' | 'gateway_id' | 'started_at' | 'offered_at' | 'answered_at'
> {
  readonly device_connection_id: ConnectionId | null;
  readonly device_gateway_id: GatewayId | null;
}

/** `s` is a session that has not ended, `d` its device. */
const live = sql`
  SELECT s.session_id, s.device_id, s.user_id, s.connection_id, s.gateway_id, s.started_at, s.offered_at, s.answered_at,
         d.connection_id AS device_connection_id, d.gateway_id AS device_gateway_id
  FROM watch_sessions AS s LEFT JOIN devices AS d USING (device_id)
`;

export interface NewSession {
  readonly id: WatchSessionId;
  readonly shard: number;
  readonly deviceId: DeviceId;
  readonly ownerId: UserId;
  readonly userId: UserId;
  readonly viewer: Link;
}

/** Since when what is too long, ms since 1970. */
export interface Deadlines {
  readonly requestedBefore: number;
  readonly startedBefore: number;
  /** Of lost parties; undefined: nobody can say now who is lost. */
  readonly lostBefore: number | undefined;
}

export interface Due extends LiveSession {
  readonly reason: WatchEndReason;
}

export interface Ended {
  readonly id: WatchSessionId;
  readonly reason: WatchEndReason;
}

export interface ConnectedViewer {
  readonly sessionId: WatchSessionId;
  readonly userId: UserId;
  readonly connectionId: ConnectionId;
}

export interface HistoryQuery {
  readonly actorId: UserId;
  readonly deviceId?: DeviceId;
  readonly before?: WatchSessionId;
}

export class WatchSessionRepository {
  readonly #database: Database<SignalingTables>;

  constructor(database: Database<SignalingTables>) {
    this.#database = database;
  }

  async live(id: WatchSessionId, from = this.#database.kysely): Promise<LiveSession | undefined> {
    const { rows } = await sql<LiveRow>`${live} WHERE s.session_id = ${id} AND s.ended_at IS NULL`.execute(from);
    return rows[0] === undefined ? undefined : toLive(rows[0]);
  }

  /** In order of beginning. */
  async liveOf(trx: SignalingTransaction, deviceId: DeviceId): Promise<readonly LiveSession[]> {
    const { rows } = await sql<LiveRow>`
      ${live} WHERE s.device_id = ${deviceId} AND s.ended_at IS NULL ORDER BY s.session_id
    `.execute(trx);
    return rows.map(toLive);
  }

  async insert(trx: SignalingTransaction, session: NewSession, now: number): Promise<void> {
    await trx
      .insertInto('watch_sessions')
      .values({
        session_id: session.id,
        shard: session.shard,
        device_id: session.deviceId,
        owner_id: session.ownerId,
        user_id: session.userId,
        connection_id: session.viewer.connectionId,
        gateway_id: session.viewer.gatewayId,
        connected_at: now,
        started_at: now,
      })
      .execute();
  }

  async described(trx: SignalingTransaction, id: WatchSessionId, by: 'offer' | 'answer', now: number): Promise<void> {
    await trx
      .updateTable('watch_sessions')
      .set(by === 'offer' ? { offered_at: now } : { answered_at: now })
      .where('session_id', '=', id)
      .execute();
  }

  /** Those of them that have not ended. */
  async end(
    trx: SignalingTransaction,
    ids: readonly WatchSessionId[],
    reason: WatchEndReason,
    now: number,
  ): Promise<ReadonlySet<WatchSessionId>> {
    const { rows } = await sql<{ session_id: WatchSessionId }>`
      UPDATE watch_sessions
      SET ended_at = ${now}, reason = ${reason}, connection_id = NULL, gateway_id = NULL, lost_at = NULL
      WHERE session_id = ANY(${[...ids]}::uuid[]) AND ended_at IS NULL
      RETURNING session_id
    `.execute(trx);
    return new Set(rows.map(({ session_id }) => session_id));
  }

  /** Of a device, in order of ending. */
  async endedSince(
    trx: SignalingTransaction,
    { id, createdAt }: Pick<StoredDevice, 'id' | 'createdAt'>,
    since: number,
    limit: number,
  ): Promise<readonly Ended[]> {
    const rows = await trx
      .selectFrom('watch_sessions')
      .select(['session_id', 'reason'])
      .where('device_id', '=', id)
      .where('ended_at', '>=', since)
      // Its id may have been another one's before.
      .where('started_at', '>=', createdAt)
      .orderBy('ended_at', 'desc')
      .limit(limit)
      .execute();
    return rows.toReversed().flatMap(toEnded);
  }

  /** Those of these sessions of a user that have ended. */
  async endedOf(userId: UserId, ids: readonly WatchSessionId[]): Promise<readonly Ended[]> {
    const rows = await this.#database.kysely
      .selectFrom('watch_sessions')
      .select(['session_id', 'reason'])
      .where(sql<boolean>`session_id = ANY(${[...ids]}::uuid[])`)
      .where('user_id', '=', userId)
      .where('ended_at', 'is not', null)
      .execute();
    return rows.flatMap(toEnded);
  }

  async connectViewer(trx: SignalingTransaction, id: WatchSessionId, viewer: Link, now: number): Promise<void> {
    await trx
      .updateTable('watch_sessions')
      .set({
        connection_id: viewer.connectionId,
        gateway_id: viewer.gatewayId,
        connected_at: now,
        lost_at: null,
      })
      .where('session_id', '=', id)
      .execute();
  }

  /** Only while its viewer is reached by this connection. */
  async loseViewer(
    trx: SignalingTransaction,
    id: WatchSessionId,
    connectionId: ConnectionId,
    now: number,
  ): Promise<boolean> {
    const lost = await trx
      .updateTable('watch_sessions')
      .set({ connection_id: null, gateway_id: null, lost_at: now })
      .where('session_id', '=', id)
      .where('connection_id', '=', connectionId)
      .where('ended_at', 'is', null)
      .returning('session_id')
      .executeTakeFirst();
    return lost !== undefined;
  }

  /** All of a shard whose viewers are reached by a gateway. Returns how many. */
  async loseGateway(trx: SignalingTransaction, shard: number, gatewayId: GatewayId, now: number): Promise<number> {
    const lost = await trx
      .updateTable('watch_sessions')
      .set({ connection_id: null, gateway_id: null, lost_at: now })
      .where('gateway_id', '=', gatewayId)
      .where('shard', '=', shard)
      .returning('session_id')
      .execute();
    return lost.length;
  }

  /** Live ones of a user, newest first: those whose viewer is lost, or is reached by that connection. */
  async ofViewer(userId: UserId, of: 'lost' | ConnectionId, limit: number): Promise<readonly WatchSessionId[]> {
    const rows = await this.#database.kysely
      .selectFrom('watch_sessions')
      .select('session_id')
      .where('user_id', '=', userId)
      .where('ended_at', 'is', null)
      .where('connection_id', of === 'lost' ? 'is' : '=', of === 'lost' ? null : of)
      .orderBy('session_id', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => row.session_id);
  }

  /** Of these shards, connected that long ago, a page at a time in order of session. */
  async connected(
    shards: readonly number[],
    connectedBefore: number,
    after: WatchSessionId | undefined,
    limit: number,
  ): Promise<readonly ConnectedViewer[]> {
    let rows = this.#database.kysely
      .selectFrom('watch_sessions')
      .select(['session_id', 'user_id', 'connection_id'])
      .where(sql<boolean>`shard = ANY(${[...shards]}::smallint[])`)
      .where('ended_at', 'is', null)
      .where('connected_at', '<=', connectedBefore)
      .where('connection_id', 'is not', null);
    if (after !== undefined) rows = rows.where('session_id', '>', after);
    const found = await rows.orderBy('session_id').limit(limit).execute();
    return found.flatMap(({ session_id: sessionId, user_id: userId, connection_id: connectionId }) =>
      connectionId === null ? [] : [{ sessionId, userId, connectionId }],
    );
  }

  /** Which of these shards have something due. */
  async shardsDue(shards: readonly number[], deadlines: Deadlines): Promise<readonly number[]> {
    const { rows } = await sql<{ shard: number }>`
      SELECT DISTINCT s.shard FROM watch_sessions AS s LEFT JOIN devices AS d USING (device_id)
      WHERE s.shard = ANY(${[...shards]}::smallint[]) AND s.ended_at IS NULL AND ${dueReason(deadlines)} IS NOT NULL
    `.execute(this.#database.kysely);
    return rows.map(({ shard }) => shard);
  }

  async due(trx: SignalingTransaction, shard: number, deadlines: Deadlines, limit: number): Promise<readonly Due[]> {
    const { rows } = await sql<LiveRow & { due: WatchEndReason }>`
      SELECT * FROM (
        SELECT s.session_id, s.device_id, s.user_id, s.connection_id, s.gateway_id, s.started_at, s.offered_at,
               s.answered_at, d.connection_id AS device_connection_id, d.gateway_id AS device_gateway_id,
               ${dueReason(deadlines)} AS due
        FROM watch_sessions AS s LEFT JOIN devices AS d USING (device_id)
        WHERE s.shard = ${shard} AND s.ended_at IS NULL
      ) AS sessions WHERE due IS NOT NULL ORDER BY session_id LIMIT ${limit}
    `.execute(trx);
    return rows.map((row) => ({ ...toLive(row), reason: row.due }));
  }

  async countLive(shards: readonly number[]): Promise<number> {
    const { rows } = await sql<{ total: number }>`
      SELECT count(*) AS total FROM watch_sessions WHERE shard = ANY(${[...shards]}::smallint[]) AND ended_at IS NULL
    `.execute(this.#database.kysely);
    return rows[0]?.total ?? 0;
  }

  /** Newest first. */
  async history({ actorId, deviceId, before }: HistoryQuery, limit: number): Promise<readonly WatchSession[]> {
    let rows = this.#database.kysely
      .selectFrom('watch_sessions')
      .selectAll()
      .where((e) => e.or([e('user_id', '=', actorId), e('owner_id', '=', actorId)]));
    if (deviceId !== undefined) rows = rows.where('device_id', '=', deviceId);
    if (before !== undefined) rows = rows.where('session_id', '<', before);
    return (await rows.orderBy('session_id', 'desc').limit(limit).execute()).map(toSession);
  }

  /** Of these shards, the oldest of those that ended by then. Returns how many. */
  async forget(shards: readonly number[], endedBefore: number, limit: number): Promise<number> {
    const { numAffectedRows } = await sql`
      DELETE FROM watch_sessions WHERE session_id IN (
        SELECT session_id FROM watch_sessions
        WHERE ended_at <= ${endedBefore} AND shard = ANY(${[...shards]}::smallint[])
        ORDER BY ended_at LIMIT ${limit}
      )
    `.execute(this.#database.kysely);
    return Number(numAffectedRows ?? 0n);
  }
}

/** Null: it may go on. Who is gone is told before how long it took. */
function dueReason({ requestedBefore, startedBefore, lostBefore = 0 }: Deadlines) {
  return sql<WatchEndReason | null>`(CASE
    WHEN d.connection_id IS NULL AND coalesce(d.lost_at, 1) <= ${lostBefore}::bigint THEN 'device_disconnected'
    WHEN s.lost_at <= ${lostBefore}::bigint THEN 'viewer_disconnected'
    WHEN s.answered_at IS NULL AND s.started_at <= ${requestedBefore}::bigint THEN 'timeout'
    WHEN s.started_at <= ${startedBefore}::bigint THEN 'timeout'
  END)`;
}

function toLive(row: LiveRow): LiveSession {
  return {
    id: row.session_id,
    deviceId: row.device_id,
    userId: row.user_id,
    device: linkOf(row.device_connection_id, row.device_gateway_id),
    viewer: linkOf(row.connection_id, row.gateway_id),
    startedAt: row.started_at,
    offeredAt: row.offered_at,
    answeredAt: row.answered_at,
  };
}

function toEnded({ session_id: id, reason }: Pick<Table, 'session_id' | 'reason'>): Ended[] {
  return reason === null ? [] : [{ id, reason }];
}

function toSession(row: Table): WatchSession {
  const running = row.answered_at === null ? 'requested' : 'answered';
  return {
    id: row.session_id,
    deviceId: row.device_id,
    userId: row.user_id,
    state: row.ended_at === null ? running : 'ended',
    startedAt: new Date(row.started_at).toISOString(),
    answeredAt: isoOrNull(row.answered_at),
    endedAt: isoOrNull(row.ended_at),
    reason: row.reason,
  };
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
