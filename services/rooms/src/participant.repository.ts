import type { ConnectionId, GatewayId, RoomId, RoomRole, UserId } from '@parley/contracts';
import { sql as raw } from 'kysely';
import type { Sql, Trx } from './rooms.tables.js';

/** Other rooms that the user is in, on any connection that is not lost. */
export async function countOtherRooms(trx: Trx, userId: UserId, roomId: RoomId): Promise<number> {
  const { count } = await trx
    .selectFrom('participants')
    .select(({ fn }) => fn.count<number>('room_id').distinct().as('count'))
    .where('user_id', '=', userId)
    .where('lost_at', 'is', null)
    .where('room_id', '<>', roomId)
    .executeTakeFirstOrThrow();
  return count;
}

/** The user's number in the room, given when they first join. */
export async function numericIdOf(trx: Trx, roomId: RoomId, userId: UserId): Promise<number> {
  const known = await trx
    .selectFrom('numeric_ids')
    .select('numeric_id')
    .where('room_id', '=', roomId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (known !== undefined) return known.numeric_id;
  const { last_numeric_id } = await trx
    .updateTable('rooms')
    .set({ last_numeric_id: raw<number>`last_numeric_id + 1` })
    .where('id', '=', roomId)
    .returning('last_numeric_id')
    .executeTakeFirstOrThrow();
  await trx
    .insertInto('numeric_ids')
    .values({ room_id: roomId, user_id: userId, numeric_id: last_numeric_id })
    .execute();
  return last_numeric_id;
}

export interface NewParticipant {
  readonly room_id: RoomId;
  readonly connection_id: ConnectionId;
  readonly shard: number;
  readonly gateway_id: GatewayId;
  readonly user_id: UserId;
  readonly username: string;
  readonly numeric_id: number;
  readonly role: RoomRole;
  readonly since: Date;
}

export async function insertParticipant(trx: Trx, participant: NewParticipant): Promise<void> {
  await trx
    .insertInto('participants')
    .values(participant)
    .onConflict((conflict) =>
      conflict.columns(['room_id', 'connection_id']).doUpdateSet({ lost_at: null, gateway_id: participant.gateway_id }),
    )
    .execute();
}

/** A connection in a room. */
export interface Seat {
  readonly roomId: RoomId;
  readonly connectionId: ConnectionId;
}

/** Those that were lost at `at` or before: not one that has joined again meanwhile. */
export async function deleteParticipants(sql: Sql, seats: readonly Seat[], at: Date): Promise<void> {
  await raw`
    DELETE FROM participants USING unnest(
      ${seats.map(({ roomId }) => roomId)}::text[], ${seats.map(({ connectionId }) => connectionId)}::uuid[]
    ) AS gone (room_id, connection_id)
    WHERE participants.room_id = gone.room_id AND participants.connection_id = gone.connection_id
      AND participants.lost_at <= ${at}`.execute(sql);
}

/** `at`: since when they are lost; far back when nothing is to be waited for. */
export async function loseParticipants(trx: Trx, seats: readonly Seat[], at: Date): Promise<void> {
  await raw`
    UPDATE participants SET lost_at = ${at} FROM unnest(
      ${seats.map(({ roomId }) => roomId)}::text[], ${seats.map(({ connectionId }) => connectionId)}::uuid[]
    ) AS lost (room_id, connection_id)
    WHERE participants.room_id = lost.room_id AND participants.connection_id = lost.connection_id`.execute(trx);
}

/** All that were on this gateway, in these shards. */
export async function loseGateway(sql: Sql, gatewayId: GatewayId, shards: readonly number[], at: Date): Promise<void> {
  await raw`
    UPDATE participants SET lost_at = ${at}
    WHERE gateway_id = ${gatewayId} AND shard = ANY (${[...shards]}::smallint[]) AND lost_at IS NULL`.execute(sql);
}

export async function removeSeats(trx: Trx, roomId: RoomId, connectionIds: readonly ConnectionId[]): Promise<void> {
  await trx
    .deleteFrom('participants')
    .where('room_id', '=', roomId)
    .where('connection_id', '=', raw<ConnectionId>`ANY (${[...connectionIds]}::uuid[])`)
    .execute();
}
