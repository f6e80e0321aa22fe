import type { ConnectionId, GatewayId, MemberId, SessionId } from '@parley/contracts';
import type { Database } from '@parley/database';
import { sql } from 'kysely';
import type { Link, Member } from './session.js';
import type { SessionTables, SessionTransaction } from './session.tables.js';

const columns = [
  ...(['member_id', 'session_id', 'device_id', 'name', 'is_host', 'joined_at'] as const),
  ...(['account_id', 'status', 'connection_id', 'gateway_id', 'login_user_id'] as const),
] as const;
type Row = Pick<SessionTables['members'], (typeof columns)[number]>;
const columnList = sql.join(columns.map((column) => sql.ref(`members.${column}`)));

export interface Connected {
  readonly sessionId: SessionId;
  readonly memberId: MemberId;
  readonly link: Link;
}

export class MemberRepository {
  readonly #database: Database<SessionTables>;

  constructor(database: Database<SessionTables>) {
    this.#database = database;
  }

  /** In order of joining. */
  async of(sessionId: SessionId, from = this.#database.kysely): Promise<readonly Member[]> {
    const rows = await from
      .selectFrom('members')
      .select(columns)
      .where('session_id', '=', sessionId)
      .orderBy('joined_at')
      .orderBy('member_id')
      .execute();
    return rows.map(toMember);
  }

  async insert(trx: SessionTransaction, member: Member, shard: number): Promise<void> {
    await trx
      .insertInto('members')
      .values({
        member_id: member.id,
        session_id: member.sessionId,
        shard,
        device_id: member.deviceId,
        name: member.name,
        is_host: member.isHost,
        joined_at: member.joinedAt,
        account_id: member.accountId,
        ...linkColumns(member.link, member.joinedAt),
      })
      .execute();
  }

  /** The member is there again, perhaps by another name or, as the host, on another device. */
  async relink(trx: SessionTransaction, member: Member, now: number): Promise<void> {
    await trx
      .updateTable('members')
      .set({
        device_id: member.deviceId,
        name: member.name,
        account_id: member.accountId,
        ...linkColumns(member.link, now),
      })
      .where('member_id', '=', member.id)
      .execute();
  }

  /** The places are held from now on. */
  async unlink(trx: SessionTransaction, ids: readonly MemberId[], now: number): Promise<void> {
    if (ids.length === 0) return;
    await trx
      .updateTable('members')
      .set(linkColumns(null, now))
      .where(sql<boolean>`member_id = ANY(${[...ids]}::uuid[])`)
      .execute();
  }

  async remove(trx: SessionTransaction, ids: readonly MemberId[]): Promise<void> {
    if (ids.length === 0) return;
    await trx
      .deleteFrom('members')
      .where(sql<boolean>`member_id = ANY(${[...ids]}::uuid[])`)
      .execute();
  }

  /** Nobody is expected back any more: members of these shards, lost since then or before. Hosts are. */
  async giveUp(
    trx: SessionTransaction,
    shard: number,
    lostBefore: number,
    limit: number,
  ): Promise<readonly SessionId[]> {
    const { rows } = await sql<{ session_id: SessionId }>`
      UPDATE members SET status = 'disconnected' WHERE member_id IN (
        SELECT member_id FROM members
        WHERE shard = ${shard} AND lost_at <= ${lostBefore} AND status = 'reconnecting' AND NOT is_host
        ORDER BY lost_at LIMIT ${limit}
      ) RETURNING session_id
    `.execute(trx);
    return [...new Set(rows.map(({ session_id }) => session_id))];
  }

  /** Places that were lost then or before; those of hosts, or of everybody else. */
  async overdue(
    trx: SessionTransaction,
    shard: number,
    who: { readonly isHost: boolean; readonly lostBefore: number },
    limit: number,
  ): Promise<readonly Member[]> {
    const { rows } = await sql<Row>`
      SELECT ${columnList} FROM members
      WHERE shard = ${shard} AND lost_at <= ${who.lostBefore} AND is_host = ${who.isHost}
      ORDER BY lost_at LIMIT ${limit}
    `.execute(trx);
    return rows.map(toMember);
  }

  /** Which of these shards have a place that was lost then or before. */
  async shardsOverdue(shards: readonly number[], lostBefore: number): Promise<readonly number[]> {
    const { rows } = await sql<{ shard: number }>`
      SELECT shard FROM unnest(${[...shards]}::smallint[]) AS shard
      WHERE EXISTS (SELECT 1 FROM members WHERE members.shard = shard.shard AND lost_at <= ${lostBefore})
    `.execute(this.#database.kysely);
    return rows.map(({ shard }) => shard);
  }

  /** Which sessions of these shards have members on the gateway. */
  async sessionsOn(gatewayId: GatewayId, shards: readonly number[]): Promise<readonly SessionId[]> {
    const { rows } = await sql<{ session_id: SessionId }>`
      SELECT DISTINCT session_id FROM members
      WHERE gateway_id = ${gatewayId} AND shard = ANY(${[...shards]}::smallint[])
    `.execute(this.#database.kysely);
    return rows.map(({ session_id }) => session_id);
  }

  /** Connections of these shards that are that old, a page at a time in order of member id. */
  async connected(
    shards: readonly number[],
    connectedBefore: number,
    after: MemberId | undefined,
    limit: number,
  ): Promise<readonly Connected[]> {
    let rows = this.#database.kysely
      .selectFrom('members')
      .select(columns)
      .where(sql<boolean>`shard = ANY(${[...shards]}::smallint[])`)
      .where('connected_at', '<=', connectedBefore);
    if (after !== undefined) rows = rows.where('member_id', '>', after);
    const found = (await rows.orderBy('member_id').limit(limit).execute()).map(toMember);
    return found.flatMap(({ id, sessionId, link }) => (link === null ? [] : [{ memberId: id, sessionId, link }]));
  }
}

export function withConnection(members: readonly Member[], connectionId: ConnectionId): Member | undefined {
  return members.find(({ link }) => link?.connectionId === connectionId);
}

function linkColumns(link: Link | null, now: number) {
  return link === null
    ? ({
        status: 'reconnecting',
        connection_id: null,
        gateway_id: null,
        login_user_id: null,
        connected_at: null,
        lost_at: now,
      } as const)
    : ({
        status: 'connected',
        connection_id: link.connectionId,
        gateway_id: link.gatewayId,
        login_user_id: link.loginUserId,
        connected_at: now,
        lost_at: null,
      } as const);
}

function toMember(row: Row): Member {
  const { connection_id: connectionId, gateway_id: gatewayId, login_user_id: loginUserId } = row;
  return {
    id: row.member_id,
    sessionId: row.session_id,
    deviceId: row.device_id,
    name: row.name,
    isHost: row.is_host,
    joinedAt: row.joined_at,
    accountId: row.account_id,
    status: row.status,
    link:
      connectionId === null || gatewayId === null || loginUserId === null
        ? null
        : { connectionId, gatewayId, loginUserId },
  };
}
