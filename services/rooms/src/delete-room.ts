import { ok, type rooms } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { noRoom, ownerOnly } from './refusals.js';
import { markRemoved } from './room.repository.js';
import type { Done, Result, RoomsCore } from './rooms-core.js';

/** Nobody finds it from now on; its log is taken apart in the background. */
export async function deleteRoom(
  {
    directory,
    documents,
    sequencer,
    writes,
    clock,
  }: Pick<RoomsCore, 'directory' | 'documents' | 'sequencer' | 'writes' | 'clock'>,
  { actorId, roomId }: Static<typeof rooms.delete.request>,
): Result<Done, 'not_found' | 'forbidden'> {
  const opened = await directory.open(roomId);
  if (!opened.ok) return opened;
  const room = opened.value;
  const role = room.roleOf(actorId);
  if (role === undefined) return noRoom;
  if (role !== 'owner') return ownerOnly;
  // Between two commits, so that no operation is written behind its end.
  return sequencer.between(async () => {
    const written = await writes.run(room.shard, async (trx, announce) => {
      await markRemoved(trx, roomId);
      announce(roomId, { type: 'deleted', at: clock() });
      return ok({});
    });
    if (!written.ok) return written;
    directory.forget(room, 'removed');
    sequencer.refuseAll(room, noRoom);
    documents.drop(room);
    return written;
  });
}
