import { fail, ok, type RoomSummary, type rooms } from '@parley/contracts';
import { isUniqueViolation } from '@parley/database';
import { defaultServerDocumentLimits } from '@parley/ot';
import type { Static } from '@sinclair/typebox';
import { randomUUID } from 'node:crypto';
import { parseBody } from './parse-body.js';
import { RoomDocument } from './room-document.js';
import { countOwned, insertRoom, lockUser } from './room.repository.js';
import type { Result, RoomsCore } from './rooms-core.js';

type Request = Static<typeof rooms.create.request>;

export async function createRoom(
  { writes, limits, directory }: Pick<RoomsCore, 'writes' | 'limits' | 'directory'>,
  request: Request,
  body: Uint8Array | undefined,
  shard: number,
): Result<RoomSummary, 'conflict' | 'limit_exceeded' | 'too_large'> {
  const { actorId, roomId: id, type } = request;
  if ((body?.length ?? 0) > limits.documentMaxBytes) return fail('too_large', 'The content is too large.');
  const content = parseBody(body, 'content');
  if (!content.ok) return content;
  const opened = RoomDocument.open({ type, content: content.value, version: 1, log: [] }, defaultServerDocumentLimits);
  if (!opened.ok) return fail('invalid', opened.error.message, { field: 'content' });
  const snapshot = JSON.stringify(content.value);
  const room = { id, shard, type, public: request.public, incarnation: randomUUID(), snapshot };
  try {
    return await writes.run(shard, async (trx) => {
      await lockUser(trx, actorId);
      if ((await countOwned(trx, actorId)) >= limits.ownedPerUser) {
        return fail('limit_exceeded', 'You own as many rooms as one can.');
      }
      const createdAt = (await insertRoom(trx, room, actorId)).toISOString();
      return ok({ id, type, version: 1, public: room.public, role: 'owner', createdAt });
    });
  } catch (error) {
    if (isUniqueViolation(error)) return fail('conflict', 'There is a room of this id.', { field: 'id' });
    throw error;
  } finally {
    directory.made(id);
  }
}
