import { fail, ok, type RoomRole, type rooms, type UserId } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { lastOwner, noMember, noRoom, ownerOnly } from './refusals.js';
import { removeSeats } from './participant.repository.js';
import { deleteMemberRow, setMemberRow } from './room.repository.js';
import type { Room } from './room.js';
import type { Done, Result, RoomsCore } from './rooms-core.js';

type Parts = Pick<RoomsCore, 'directory' | 'writes' | 'attendance' | 'limits' | 'clock'>;
type Request = Static<typeof rooms.removeMember.request>;

/** What is left of a user's role. */
type After = RoomRole | 'banned' | undefined;

export async function removeMember(
  parts: Parts,
  { actorId, roomId, userId }: Request,
): Result<Done, 'not_found' | 'forbidden' | 'conflict' | 'limit_exceeded'> {
  const opened = await parts.directory.open(roomId);
  if (!opened.ok) return opened;
  const room = opened.value;
  const actor = room.roleOf(actorId);
  if (actor === undefined) return noRoom;
  if (actorId !== userId && actor !== 'owner') return ownerOnly;
  if (room.isLastOwner(userId)) return lastOwner;
  const role = room.members.get(userId);
  // From a public room anybody can be removed; they may not come back until an owner gives them a role.
  const bans = room.public && actorId !== userId;
  if (role === undefined ? !bans : role === 'banned') return noMember;
  if (bans && role === undefined && room.members.size >= parts.limits.membersPerRoom) {
    return fail('limit_exceeded', 'The room has too many members.');
  }
  const after: After = bans ? 'banned' : room.public ? 'editor' : undefined;
  return end(parts, room, userId, after);
}

async function end(
  { writes, attendance, clock }: Parts,
  room: Room,
  userId: UserId,
  after: After,
): Result<Done, never> {
  const stays = after !== undefined && after !== 'banned';
  const present = stays ? [] : room.roster.of(userId);
  const written = await writes.run(room.shard, async (trx, announce) => {
    if (stays) {
      // Also the role of those rows that stand for live connections.
      await setMemberRow(trx, room.id, userId, after);
      await deleteMemberRow(trx, room.id, userId);
      announce(room.id, { type: 'role_changed', userId, role: after, at: clock() });
      return ok({});
    }
    if (after === 'banned') await setMemberRow(trx, room.id, userId, after);
    else await deleteMemberRow(trx, room.id, userId);
    const connections = present.map(({ participant }) => participant.connectionId);
    await removeSeats(trx, room.id, connections);
    announce(room.id, { type: 'removed', userId, at: clock() });
    return ok({});
  });
  if (!written.ok) return written;
  if (after === 'banned') room.members.set(userId, after);
  else room.members.delete(userId);
  if (stays) room.roster.setRole(userId, after);
  for (const one of present) attendance.forget(room, one);
  return written;
}
