import { ok, type rooms } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { noRoom } from './refusals.js';
import type { Result, RoomsCore } from './rooms-core.js';

type Request = Static<typeof rooms.get.request>;

export async function getRoom(
  { directory, documents, pieces }: Pick<RoomsCore, 'directory' | 'documents' | 'pieces'>,
  { actorId, roomId }: Request,
): Result<Static<typeof rooms.get.reply>, 'not_found'> {
  const room = await directory.open(roomId);
  if (!room.ok) return room;
  if (room.value.roleOf(actorId) === undefined) return noRoom;
  const document = await documents.load(room.value);
  if (!document.ok) return document;
  const role = room.value.roleOf(actorId);
  if (role === undefined) return noRoom;
  const summary = room.value.summary(document.value.version, role);
  const [rendering, checksum] = await Promise.all([document.value.rendering(), document.value.checksum()]);
  if (!rendering.ok) return rendering;
  if (!checksum.ok) return checksum;
  const content = pieces.offer(room.value.incarnation, rendering.value);
  return ok({ ...summary, checksum: checksum.value, content });
}

export async function roomContent(
  { directory, pieces }: Pick<RoomsCore, 'directory' | 'pieces'>,
  { actorId, roomId, version, piece }: Static<typeof rooms.content.request>,
): Result<{ text: string }, 'not_found'> {
  const room = await directory.open(roomId);
  if (!room.ok) return room;
  return room.value.roleOf(actorId) === undefined ? noRoom : pieces.piece(room.value.incarnation, version, piece);
}
