import type { ServerId, UserId } from '@parley/contracts';
import { sql as raw } from 'kysely';
import type { Sql, Trx } from '../messaging.tables.js';
import type { MemberRow, ServerRow } from './chat.tables.js';

/** A server as one user stands to it. */
export interface Standing {
  readonly server: ServerRow;
  readonly isMember: boolean;
  readonly isBanned: boolean;
  readonly isOwner: boolean;
}

export type NewServer = Pick<ServerRow, 'id' | 'shard' | 'name' | 'description' | 'owner_id'>;
export type ServerChanges = Partial<Pick<ServerRow, 'name' | 'description'>>;

/** The server, locked: until the transaction ends nobody else changes it, its members or its channels. */
export async function lockServer(trx: Trx, serverId: ServerId, actorId: UserId): Promise<Standing | undefined> {
  const row = await trx
    .selectFrom('servers')
    .selectAll()
    .select([
      raw<boolean>`EXISTS (SELECT FROM members WHERE server_id = id AND user_id = ${actorId})`.as('is_member'),
      raw<boolean>`EXISTS (SELECT FROM bans WHERE server_id = id AND user_id = ${actorId})`.as('is_banned'),
    ])
    .where('id', '=', serverId)
    .where('removed_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { is_member: isMember, is_banned: isBanned, ...server } = row;
  return { server, isMember, isBanned, isOwner: server.owner_id === actorId };
}

/** Undefined when the id is taken, be it by a server that is being removed. */
export function insertServer(trx: Trx, server: NewServer): Promise<ServerRow | undefined> {
  return trx
    .insertInto('servers')
    .values({ ...server, member_count: 0 })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
}

export function updateServer(trx: Trx, serverId: ServerId, changes: ServerChanges): Promise<ServerRow> {
  return trx.updateTable('servers').set(changes).where('id', '=', serverId).returningAll().executeTakeFirstOrThrow();
}

export async function markRemoved(trx: Trx, serverId: ServerId): Promise<void> {
  await trx
    .updateTable('servers')
    .set({ removed_at: raw<Date>`now()` })
    .where('id', '=', serverId)
    .execute();
}

/** Servers that the user is a member of. Until the transaction ends the user joins none elsewhere. */
export async function lockMemberships(trx: Trx, userId: UserId): Promise<number> {
  await raw`SELECT pg_advisory_xact_lock(hashtextextended(${`member:${userId}`}, 0))`.execute(trx);
  const { count } = await trx
    .selectFrom('members')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return count;
}

/** In one statement, since everybody else who joins the server waits for it. */
export async function insertMember(
  trx: Trx,
  serverId: ServerId,
  userId: UserId,
  username: string,
): Promise<{ readonly member: MemberRow; readonly server: ServerRow }> {
  const { joined_at, ...server } = await trx
    .with('added', (query) =>
      query.insertInto('members').values({ server_id: serverId, user_id: userId, username }).returning('joined_at'),
    )
    .updateTable('servers')
    .from('added')
    .set(({ eb }) => ({ member_count: eb('member_count', '+', 1) }))
    .where('id', '=', serverId)
    .returningAll('servers')
    .returning('added.joined_at')
    .executeTakeFirstOrThrow();
  return { server, member: { server_id: serverId, user_id: userId, username, joined_at } };
}

/** Undefined when the user was no member. */
export function deleteMember(trx: Trx, serverId: ServerId, userId: UserId): Promise<ServerRow | undefined> {
  return trx
    .with('gone', (query) =>
      query.deleteFrom('members').where('server_id', '=', serverId).where('user_id', '=', userId).returning('user_id'),
    )
    .updateTable('servers')
    .from('gone')
    .set(({ eb }) => ({ member_count: eb('member_count', '-', 1) }))
    .where('id', '=', serverId)
    .returningAll('servers')
    .executeTakeFirst();
}

export async function renameMember(trx: Trx, serverId: ServerId, userId: UserId, username: string): Promise<void> {
  await trx
    .updateTable('members')
    .set({ username })
    .where('server_id', '=', serverId)
    .where('user_id', '=', userId)
    .where('username', '<>', username)
    .execute();
}

export async function insertBan(trx: Trx, serverId: ServerId, userId: UserId): Promise<void> {
  await trx
    .insertInto('bans')
    .values({ server_id: serverId, user_id: userId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** False when there was no ban. */
export async function deleteBan(trx: Trx, serverId: ServerId, userId: UserId): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('bans')
    .where('server_id', '=', serverId)
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return numDeletedRows > 0;
}

/** The server, if the user is a member. */
export function serverOfMember(sql: Sql, serverId: ServerId, userId: UserId): Promise<ServerRow | undefined> {
  return sql
    .selectFrom('servers')
    .innerJoin('members', 'members.server_id', 'servers.id')
    .selectAll('servers')
    .where('servers.id', '=', serverId)
    .where('members.user_id', '=', userId)
    .where('servers.removed_at', 'is', null)
    .executeTakeFirst();
}

/** Oldest membership first. */
export function serversOf(sql: Sql, userId: UserId): Promise<ServerRow[]> {
  return sql
    .selectFrom('members')
    .innerJoin('servers', 'servers.id', 'members.server_id')
    .selectAll('servers')
    .where('members.user_id', '=', userId)
    .where('servers.removed_at', 'is', null)
    .orderBy('members.joined_at')
    .orderBy('servers.id')
    .execute();
}

/** In order of user id. */
export function membersOf(
  sql: Sql,
  serverId: ServerId,
  after: UserId | undefined,
  limit: number,
): Promise<MemberRow[]> {
  return sql
    .selectFrom('members')
    .selectAll()
    .where('server_id', '=', serverId)
    .$if(after !== undefined, (query) => query.where('user_id', '>', after ?? null))
    .orderBy('user_id')
    .limit(limit)
    .execute();
}

export function membershipsOf(
  sql: Sql,
  userIds: readonly UserId[],
): Promise<{ readonly user_id: UserId; readonly server_id: ServerId }[]> {
  return sql
    .selectFrom('members')
    .innerJoin('servers', 'servers.id', 'members.server_id')
    .select(['members.user_id', 'members.server_id'])
    .where('members.user_id', '=', raw<UserId>`ANY (${[...userIds]}::uuid[])`)
    .where('servers.removed_at', 'is', null)
    .execute();
}
