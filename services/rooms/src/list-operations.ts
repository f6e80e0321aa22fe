import { ok, type LoggedOperation, type rooms } from '@parley/contracts';
import { attempt } from '@parley/database';
import type { Static } from '@sinclair/typebox';
import { loggedOperation, newestVersion, operationsAfter } from './operation.repository.js';
import { noRoom } from './refusals.js';
import type { Result, RoomsCore } from './rooms-core.js';

/** Of one answer, below the 1 MiB that NATS takes by default. */
const REPLY_BYTES = 900_000;
/** Rows are read so many at a time, since each may be a megabyte. */
const PAGE = 50;

export async function listOperations(
  { directory, sql }: Pick<RoomsCore, 'directory' | 'sql'>,
  { actorId, roomId, since, limit }: Static<typeof rooms.operations.request>,
): Result<Static<typeof rooms.operations.reply>, 'not_found'> {
  const room = await directory.open(roomId);
  if (!room.ok) return room;
  if (room.value.roleOf(actorId) === undefined) return noRoom;
  return attempt(async () => {
    const { logStart, version } = await newestVersion(sql, roomId);
    // A document begins with version 1.
    const from = Math.max(since, 1);
    if (from < logStart) return { result: 'too_old' as const, oldest: logStart, version };
    const operations: LoggedOperation[] = [];
    let bytes = 0;
    for (let after = from; operations.length < limit; after = operations.at(-1)?.version ?? after) {
      const wanted = Math.min(PAGE, limit - operations.length);
      const page = (await operationsAfter(sql, roomId, after, wanted)).map(loggedOperation);
      for (const operation of page) {
        bytes += Buffer.byteLength(JSON.stringify(operation)) + 1;
        if (bytes > REPLY_BYTES && operations.length > 0) return listed(operations, true, version);
        operations.push(operation);
      }
      if (page.length < wanted) return listed(operations, false, version);
    }
    return listed(operations, (operations.at(-1)?.version ?? from) < version, version);
  }).then((read) => (read.ok ? ok(read.value) : read));
}

function listed(operations: LoggedOperation[], more: boolean, version: number) {
  const newest = operations.at(-1)?.version ?? 0;
  return { result: 'operations' as const, operations, more, version: Math.max(version, newest) };
}
