import { fail, ok, type rooms } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { Done, Result, RoomsCore } from './rooms-core.js';

/** Safe to repeat: who is not there any more has left. */
export async function leaveRoom(
  { directory, attendance }: Pick<RoomsCore, 'directory' | 'attendance'>,
  { roomId, connectionId, lost }: Static<typeof rooms.leave.request>,
): Result<Done, never> {
  const opened = await directory.open(roomId);
  if (!opened.ok) {
    const { code, message } = opened.error;
    return code === 'not_found' ? ok({}) : fail(code, message);
  }
  const room = opened.value;
  const present = room.roster.get(connectionId);
  if (present === undefined) return ok({});
  const left = lost ? await attendance.lose(room, [connectionId]) : await attendance.end(room, [present]);
  return left.ok ? ok({}) : left;
}
