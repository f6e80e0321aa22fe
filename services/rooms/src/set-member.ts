import { fail, ok, type rooms } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { lastOwner, noRoom, noUser, ownerOnly } from './refusals.js';
import { setMemberRow } from './room.repository.js';
import type { Done, Result, RoomsCore } from './rooms-core.js';

type Request = Static<typeof rooms.setMember.request>;

export async function setMember(
  { directory, writes, limits, clock, isUser }: Pick<RoomsCore, 'directory' | 'writes' | 'limits' | 'clock' | 'isUser'>,
  { actorId, roomId, userId, role }: Request,
): Result<Done, 'not_found' | 'forbidden' | 'conflict' | 'limit_exceeded'> {
  const opened = await directory.open(roomId);
  if (!opened.ok) return opened;
  const room = opened.value;
  const actor = room.roleOf(actorId);
  if (actor === undefined) return noRoom;
  if (actor !== 'owner') return ownerOnly;
  if (role !== 'owner' && room.isLastOwner(userId)) return lastOwner;
  if (!room.members.has(userId)) {
    if (room.members.size >= limits.membersPerRoom) return fail('limit_exceeded', 'The room has too many members.');
    const known = await isUser(userId);
    if (!known.ok) return known;
    if (!known.value) return noUser;
  }
  const written = await writes.run(room.shard, async (trx, announce) => {
    await setMemberRow(trx, roomId, userId, role);
    announce(roomId, { type: 'role_changed', userId, role, at: clock() });
    return ok({});
  });
  if (!written.ok) return written;
  room.members.set(userId, role);
  room.roster.setRole(userId, role);
  return written;
}
