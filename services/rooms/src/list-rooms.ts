import { ok, type rooms } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { roomsOfUser } from './room.repository.js';
import type { Result, RoomsCore } from './rooms-core.js';

export async function listRooms(
  { sql }: Pick<RoomsCore, 'sql'>,
  { actorId, before, limit }: Static<typeof rooms.list.request>,
): Result<Static<typeof rooms.list.reply>, never> {
  const found = await roomsOfUser(sql, actorId, before, limit + 1);
  const page = found.slice(0, limit).map(({ createdAt, ...room }) => ({ ...room, createdAt: createdAt.toISOString() }));
  return ok({ rooms: page, more: found.length > limit });
}
