import type { DocumentType, RoomId, RoomRole, UserId } from '@parley/contracts';
import { sql as raw, type RawBuilder } from 'kysely';
import type { MemberRole, ParticipantRow, RoomRow, Sql, Trx } from './rooms.tables.js';

/** A room without its content. */
export type RoomHead = Omit<RoomRow, 'snapshot' | 'removed_at'>;

const headColumns = [
  ...(['id', 'shard', 'type', 'public', 'incarnation', 'snapshot_version', 'announced_version'] as const),
  ...(['unannounced', 'log_start', 'last_numeric_id', 'created_at'] as const),
] as const;

export interface OpenedRoom {
  readonly head: RoomHead;
  readonly members: ReadonlyMap<UserId, MemberRole>;
  readonly participants: readonly ParticipantRow[];
}

/** Is there one that was not deleted? */
export async function isRoom(sql: Sql, roomId: RoomId): Promise<boolean> {
  const found = await sql
    .selectFrom('rooms')
    .select('id')
    .where('id', '=', roomId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return found !== undefined;
}

/** Undefined when there is none, or it was deleted. */
export async function findRoom(sql: Sql, roomId: RoomId): Promise<OpenedRoom | undefined> {
  const head = await sql
    .selectFrom('rooms')
    .select(headColumns)
    .where('id', '=', roomId)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  if (head === undefined) return undefined;
  const [members, participants] = await Promise.all([
    sql.selectFrom('members').select(['user_id', 'role']).where('room_id', '=', roomId).execute(),
    sql.selectFrom('participants').selectAll().where('room_id', '=', roomId).orderBy('since').execute(),
  ]);
  return { head, members: new Map(members.map(({ user_id, role }) => [user_id, role])), participants };
}

export interface NewRoom {
  readonly id: RoomId;
  readonly shard: number;
  readonly type: DocumentType;
  readonly public: boolean;
  readonly incarnation: string;
  readonly snapshot: string;
}

/** With its maker as owner. Fails on the primary key when the id is taken. */
export async function insertRoom(trx: Trx, room: NewRoom, ownerId: UserId): Promise<Date> {
  const { created_at } = await trx.insertInto('rooms').values(room).returning('created_at').executeTakeFirstOrThrow();
  await trx.insertInto('members').values({ room_id: room.id, user_id: ownerId, role: 'owner' }).execute();
  return created_at;
}

/** Until the transaction ends nobody else counts what this user has: counting and adding are one step. */
export async function lockUser(trx: Trx, userId: UserId): Promise<void> {
  await raw`SELECT pg_advisory_xact_lock(hashtextextended(${userId}::text, 0))`.execute(trx);
}

export async function countOwned(trx: Trx, userId: UserId): Promise<number> {
  const { count } = await trx
    .selectFrom('members')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .where('role', '=', 'owner')
    .executeTakeFirstOrThrow();
  return count;
}

export async function setMemberRow(trx: Trx, roomId: RoomId, userId: UserId, role: MemberRole): Promise<void> {
  await trx
    .insertInto('members')
    .values({ room_id: roomId, user_id: userId, role })
    .onConflict((conflict) => conflict.columns(['room_id', 'user_id']).doUpdateSet({ role }))
    .execute();
  if (role === 'banned') return;
  await trx
    .updateTable('participants')
    .set({ role })
    .where('room_id', '=', roomId)
    .where('user_id', '=', userId)
    .execute();
}

export async function deleteMemberRow(trx: Trx, roomId: RoomId, userId: UserId): Promise<void> {
  await trx.deleteFrom('members').where('room_id', '=', roomId).where('user_id', '=', userId).execute();
}

/** Nobody finds it any more; `deleteRemains` takes it apart. */
export async function markRemoved(trx: Trx, roomId: RoomId): Promise<void> {
  await trx
    .updateTable('rooms')
    .set({ removed_at: raw<Date>`now()` })
    .where('id', '=', roomId)
    .execute();
  await trx.deleteFrom('participants').where('room_id', '=', roomId).execute();
  await trx.deleteFrom('members').where('room_id', '=', roomId).execute();
}

export async function removedRooms(sql: Sql, shards: readonly number[], limit: number): Promise<RoomId[]> {
  const rows = await sql
    .selectFrom('rooms')
    .select('id')
    .where('removed_at', 'is not', null)
    .where(raw<boolean>`shard = ANY (${[...shards]}::smallint[])`)
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Up to `limit` operations of a removed room, or, once there are none, the room itself. True when it is gone. */
export async function deleteRemains(trx: Trx, roomId: RoomId, limit: number): Promise<boolean> {
  const { numAffectedRows } = await raw`
    DELETE FROM operations WHERE room_id = ${roomId} AND version IN (
      SELECT version FROM operations WHERE room_id = ${roomId} ORDER BY version LIMIT ${limit})`.execute(trx);
  if ((numAffectedRows ?? 0n) > 0n) return false;
  await trx.deleteFrom('numeric_ids').where('room_id', '=', roomId).execute();
  await trx.deleteFrom('rooms').where('id', '=', roomId).where('removed_at', 'is not', null).execute();
  return true;
}

export interface RoomOfUser {
  readonly id: RoomId;
  readonly type: DocumentType;
  readonly public: boolean;
  readonly version: number;
  readonly role: RoomRole;
  readonly createdAt: Date;
}

/** Newest membership first; `before` names the room to go on after. */
export async function roomsOfUser(
  sql: Sql,
  userId: UserId,
  before: RoomId | undefined,
  limit: number,
): Promise<readonly RoomOfUser[]> {
  const { rows } = await raw<RoomOfUser>`
    SELECT r.id, r.type, r.public, m.role, r.created_at AS "createdAt",
      coalesce((SELECT max(version) FROM operations WHERE room_id = r.id), r.snapshot_version) AS version
    FROM members m JOIN rooms r ON r.id = m.room_id AND r.removed_at IS NULL
    WHERE m.user_id = ${userId} AND m.role <> 'banned' AND (${before ?? null}::text IS NULL OR (m.since, m.room_id) < (
      SELECT since, room_id FROM members WHERE user_id = ${userId} AND room_id = ${before ?? null}))
    ORDER BY m.since DESC, m.room_id DESC LIMIT ${limit}`.execute(sql);
  return rows;
}

/** Rooms of the shard that an owner has to know of before it serves: with people in them, or something to announce. */
export async function busyRooms(sql: Sql, shard: number): Promise<RoomId[]> {
  const { rows } = await raw<{ id: RoomId }>`
    SELECT id FROM rooms WHERE shard = ${shard} AND unannounced AND removed_at IS NULL
    UNION SELECT room_id FROM participants WHERE shard = ${shard}`.execute(sql);
  return rows.map(({ id }) => id);
}

export interface Announced {
  readonly roomId: RoomId;
  readonly version: number;
  /** Nothing after it waits to be announced. */
  readonly all: boolean;
}

/** Of rooms whose shards `fence` has. Answers which these were. */
export async function saveAnnounced(
  sql: Sql,
  announced: readonly Announced[],
  fence: RawBuilder<unknown>,
): Promise<ReadonlySet<RoomId>> {
  const { rows } = await raw<{ id: RoomId }>`
    WITH held AS (${fence})
    UPDATE rooms SET announced_version = greatest(rooms.announced_version, new.version), unannounced = NOT new.complete
    FROM unnest(
      ${announced.map(({ roomId }) => roomId)}::text[],
      ${announced.map(({ version }) => version)}::bigint[],
      ${announced.map(({ all }) => all)}::boolean[]
    ) AS new (id, version, complete)
    WHERE rooms.id = new.id AND rooms.shard IN (SELECT shard FROM held)
    RETURNING rooms.id`.execute(sql);
  return new Set(rows.map(({ id }) => id));
}
