import type { PartySession, SessionId } from '@parley/contracts';
import type { Database } from '@parley/database';
import { sql } from 'kysely';
import { partySession, type Session } from './session.js';
import type { SessionTables, SessionTransaction } from './session.tables.js';

const columns = [
  ...(['session_id', 'name', 'max_members', 'host_token_hash'] as const),
  ...(['host_member_id', 'user_id', 'created_at'] as const),
] as const;
type Row = Pick<SessionTables['sessions'], (typeof columns)[number]>;

export class SessionRepository {
  readonly #database: Database<SessionTables>;

  constructor(database: Database<SessionTables>) {
    this.#database = database;
  }

  /** Until the transaction ends nobody else counts what this maker has: counting and making are one step. */
  async lockMaker(trx: SessionTransaction, maker: string): Promise<void> {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${maker}, 0))`.execute(trx);
  }

  async countOf(trx: SessionTransaction, maker: string): Promise<number> {
    const counted = await trx
      .selectFrom('sessions')
      .select((e) => e.fn.countAll<number>().as('total'))
      .where('maker', '=', maker)
      .executeTakeFirstOrThrow();
    return counted.total;
  }

  /** False when the id is taken. */
  async insert(trx: SessionTransaction, session: Session, shard: number, maker: string): Promise<boolean> {
    const inserted = await trx
      .insertInto('sessions')
      .values({
        session_id: session.id,
        shard,
        name: session.name,
        max_members: session.maxMembers,
        host_token_hash: session.hostTokenHash,
        host_member_id: session.hostMemberId,
        user_id: session.userId,
        maker,
        created_at: session.createdAt,
        touched_at: session.createdAt,
        untold: false,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }

  async load(id: SessionId): Promise<Session | undefined> {
    const rows = this.#database.kysely.selectFrom('sessions').select(columns);
    const row = await rows.where('session_id', '=', id).executeTakeFirst();
    return row === undefined ? undefined : toSession(row);
  }

  /** Until the transaction ends nobody else changes it, its members included: counting and entering are one step. */
  async lock(trx: SessionTransaction, id: SessionId): Promise<Session | undefined> {
    const row = await trx
      .selectFrom('sessions')
      .select(columns)
      .where('session_id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    return row === undefined ? undefined : toSession(row);
  }

  /** Something happened in it. `untold`: to somebody's connection, which its members have to be told. */
  async touch(trx: SessionTransaction, ids: readonly SessionId[], now: number, untold: boolean): Promise<void> {
    if (ids.length === 0) return;
    await sql`
      UPDATE sessions SET touched_at = ${now}, untold = untold OR ${untold} WHERE session_id = ANY(${[...ids]}::uuid[])
    `.execute(trx);
  }

  async told(trx: SessionTransaction, id: SessionId): Promise<void> {
    await trx.updateTable('sessions').set({ untold: false }).where('session_id', '=', id).execute();
  }

  /** With its members. False when there is no such session. */
  async remove(trx: SessionTransaction, id: SessionId): Promise<boolean> {
    const removed = await trx.deleteFrom('sessions').where('session_id', '=', id).executeTakeFirst();
    return removed.numDeletedRows > 0n;
  }

  /** Newest first: ids are in order of making. */
  async list(before: SessionId | undefined, limit: number): Promise<readonly PartySession[]> {
    let rows = this.#database.kysely
      .selectFrom('sessions')
      .select([...columns])
      .select((e) =>
        e
          .selectFrom('members')
          .select((m) => m.fn.countAll<number>().as('total'))
          .whereRef('members.session_id', '=', 'sessions.session_id')
          .as('member_count'),
      );
    if (before !== undefined) rows = rows.where('session_id', '<', before);
    const found = await rows.orderBy('session_id', 'desc').limit(limit).execute();
    return found.map((row) => partySession(toSession(row), row.member_count ?? 0));
  }

  /** Those of these shards whose members were not told of something. */
  async untold(shards: readonly number[], limit: number): Promise<readonly SessionId[]> {
    const { rows } = await sql<{ session_id: SessionId }>`
      SELECT session_id FROM sessions WHERE untold AND shard = ANY(${[...shards]}::smallint[]) LIMIT ${limit}
    `.execute(this.#database.kysely);
    return rows.map(({ session_id }) => session_id);
  }

  /** Those of these shards in which nothing has happened since, and nobody is connected. */
  async idle(shards: readonly number[], since: number, limit: number): Promise<readonly SessionId[]> {
    const { rows } = await sql<{ session_id: SessionId }>`
      SELECT session_id FROM sessions
      WHERE shard = ANY(${[...shards]}::smallint[]) AND touched_at <= ${since} AND NOT EXISTS (
        SELECT 1 FROM members WHERE members.session_id = sessions.session_id AND connection_id IS NOT NULL
      )
      ORDER BY touched_at LIMIT ${limit}
    `.execute(this.#database.kysely);
    return rows.map(({ session_id }) => session_id);
  }

  /** The same of one, once it is locked. */
  async isIdle(trx: SessionTransaction, id: SessionId, since: number): Promise<boolean> {
    const { rows } = await sql<{ idle: boolean }>`
      SELECT touched_at <= ${since} AND NOT EXISTS (
        SELECT 1 FROM members WHERE session_id = ${id} AND connection_id IS NOT NULL
      ) AS idle FROM sessions WHERE session_id = ${id}
    `.execute(trx);
    return rows[0]?.idle ?? false;
  }

  /** Of these shards. */
  async population(shards: readonly number[]): Promise<{ readonly sessions: number; readonly members: number }> {
    const { rows } = await sql<{ sessions: number; members: number }>`
      SELECT (SELECT count(*) FROM sessions WHERE shard = ANY(${[...shards]}::smallint[])) AS sessions,
             (SELECT count(*) FROM members WHERE shard = ANY(${[...shards]}::smallint[])) AS members
    `.execute(this.#database.kysely);
    return rows[0] ?? { sessions: 0, members: 0 };
  }
}

function toSession(row: Row): Session {
  return {
    id: row.session_id,
    name: row.name,
    maxMembers: row.max_members,
    hostTokenHash: row.host_token_hash,
    hostMemberId: row.host_member_id,
    userId: row.user_id,
    createdAt: row.created_at,
  };
}
