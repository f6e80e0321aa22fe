import { fail, ok, type ConnectionId, type RoomRole, type rooms } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { colorOf } from './color.js';
import { countOtherRooms, insertParticipant, numericIdOf, removeSeats } from './participant.repository.js';
import { noRoom } from './refusals.js';
import { lockUser } from './room.repository.js';
import type { Room } from './room.js';
import type { Result, RoomsCore } from './rooms-core.js';
import type { Present } from './roster.js';

type Request = Static<typeof rooms.join.request>;
type Core = Pick<RoomsCore, 'writes' | 'attendance' | 'limits' | 'clock'>;

/** What the connection will be in the room. */
interface Seat {
  readonly request: Request;
  readonly role: RoomRole;
  /** ms since 1970. */
  readonly since: number;
  /** The connection, of the same user, whose place it takes. */
  readonly replaced: Present | undefined;
}

/** The connection takes part from now on; if it does already, nothing changes. */
export async function enterRoom(
  core: Core,
  room: Room,
  request: Request,
): Result<Present, 'not_found' | 'full' | 'limit_exceeded'> {
  const { connectionId, userId, gatewayId, username: name } = request;
  const role = room.roleOf(userId);
  if (role === undefined) return noRoom;
  const before = ownPlace(room, request, connectionId);
  if (before !== undefined && before.lostAt === undefined) return ok(before);
  const replaced = ownPlace(room, request, request.replaces) ?? before;
  const kept = replaced !== undefined && replaced.lostAt === undefined ? 1 : 0;
  if (room.roster.connected - kept >= core.limits.roomCapacity) return fail('full', 'The room is full.');
  const seat: Seat = { request, role, since: core.clock(), replaced };
  const numericId = await write(core, room, seat);
  if (!numericId.ok) return numericId;
  const participant = { userId, numericId: numericId.value, name, color: colorOf(userId), role, connectionId };
  const present: Present = { participant, gatewayId, since: seat.since, lostAt: undefined };
  core.attendance.joined(room, present, replaced);
  return ok(present);
}

function ownPlace(room: Room, { userId }: Request, connectionId: ConnectionId | undefined): Present | undefined {
  const present = connectionId === undefined ? undefined : room.roster.get(connectionId);
  return present?.participant.userId === userId ? present : undefined;
}

/** Answers the user's number in the room. */
async function write({ writes, limits }: Core, room: Room, seat: Seat): Result<number, 'limit_exceeded'> {
  const { request, role, since, replaced } = seat;
  const { connectionId, userId, gatewayId, username } = request;
  const isHere = room.roster.of(userId).some(({ lostAt }) => lostAt === undefined);
  return writes.run(room.shard, async (trx) => {
    await lockUser(trx, userId);
    if (!isHere && (await countOtherRooms(trx, userId, room.id)) >= limits.roomsPerUser) {
      return fail('limit_exceeded', 'You are in as many rooms as one can be.');
    }
    const numericId = await numericIdOf(trx, room.id, userId);
    if (replaced !== undefined) await removeSeats(trx, room.id, [replaced.participant.connectionId]);
    await insertParticipant(trx, {
      room_id: room.id,
      connection_id: connectionId,
      shard: room.shard,
      gateway_id: gatewayId,
      user_id: userId,
      username,
      numeric_id: numericId,
      role,
      since: new Date(since),
    });
    return ok(numericId);
  });
}
