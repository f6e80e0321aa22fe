import { fail, ok, type LoggedOperation, type Outcome, type rooms } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { enterRoom } from './enter-room.js';
import { logSize, loggedOperation, newestVersion, operationsAfter } from './operation.repository.js';
import { noRoom } from './refusals.js';
import type { RoomDocument } from './room-document.js';
import type { Room } from './room.js';
import type { Result, RoomsCore } from './rooms-core.js';
import { joins } from './rooms.metrics.js';
import type { Present } from './roster.js';

type Request = Static<typeof rooms.join.request>;
type Reply = Static<typeof rooms.join.reply>;
type Joined = Result<Reply, 'not_found' | 'full' | 'limit_exceeded'>;

/** Operations that are answered instead of the content, as they stand in the answer. */
const OPERATIONS_BYTES = 512 * 1_024;
const OPERATIONS_MAX = 5_000;
/** What the answer says of an operation beside its text. */
const HEAD_BYTES = 200;
/** Below the deadline of who asks. */
const SETTLE_MS = 4_000;

export async function joinRoom(core: RoomsCore, request: Request): Joined {
  const joined = await core.lanes.run(request.roomId, () => join(core, request));
  const reply = joined.ok ? await joined.value() : joined;
  joins.add(1, { result: reply.ok ? reply.value.state.kind : reply.error.code });
  return reply;
}

/** Answers how to go on once others may change the room again: what is told was true at one moment. */
async function join(core: RoomsCore, request: Request): Result<() => Joined, 'not_found' | 'full' | 'limit_exceeded'> {
  const opened = await core.directory.open(request.roomId);
  if (!opened.ok) return opened;
  const room = opened.value;
  if (room.roleOf(request.userId) === undefined) return noRoom;
  const loaded = await core.documents.load(room);
  if (!loaded.ok) return loaded;
  const fromLog = await logCovers(core, room, loaded.value, request.since);
  const present = await enterRoom(core, room, request);
  if (!present.ok) return present;
  // It may have been given back meanwhile.
  const document = await core.documents.load(room);
  if (!document.ok) return document;
  return ok(capture(core, room, present.value, { document: document.value, since: request.since, fromLog }));
}

/** Are the operations that the client lacks in the log alone, and few enough? */
async function logCovers(
  { sql }: RoomsCore,
  room: Room,
  document: RoomDocument,
  since: number | undefined,
): Promise<boolean> {
  if (since === undefined || since >= document.oldestVersion) return false;
  const { logStart } = await newestVersion(sql, room.id);
  if (since < logStart) return false;
  const { operations, bytes } = await logSize(sql, room.id, since);
  // As a string within the answer's JSON, a text may become twice as long.
  return operations <= OPERATIONS_MAX && 2 * bytes + operations * HEAD_BYTES <= OPERATIONS_BYTES;
}

/** All of it in one go; what it answers then waits until the bus has everything that is part of it. */
function capture(
  core: RoomsCore,
  room: Room,
  { participant }: Present,
  { document, since, fromLog }: { document: RoomDocument; since: number | undefined; fromLog: boolean },
): () => Joined {
  const { version } = document;
  const settled = room.events.settled();
  const kept = since === undefined ? undefined : small(document.operationsSince(since));
  const rendering = kept === undefined && !fromLog ? document.rendering() : undefined;
  const made = Promise.all([rendering, document.checksum()]);
  return async () => {
    const [position, [content, checksum]] = await Promise.all([within(SETTLE_MS, settled), made]);
    if (!position.ok) return position;
    if (!checksum.ok) return checksum;
    if (content?.ok === false) return content;
    // Members change by events of their own, which may have come before `position`: as it is now, then.
    if (room.closed === 'removed' || room.roleOf(participant.userId) === undefined) return noRoom;
    const reply = {
      type: room.type,
      version,
      checksum: checksum.value,
      participant: room.roster.get(participant.connectionId)?.participant ?? participant,
      participants: room.roster.participants(),
      position: position.value,
    };
    if (content !== undefined) {
      const offered = core.pieces.offer(room.incarnation, content.value);
      return ok({ ...reply, state: { kind: 'content', content: offered } });
    }
    const operations = kept ?? (await logged(core, room, since ?? version, version));
    return ok({ ...reply, state: { kind: 'operations', operations: [...operations] } });
  };
}

async function logged({ sql }: RoomsCore, room: Room, since: number, until: number): Promise<LoggedOperation[]> {
  const stored = await operationsAfter(sql, room.id, since, until - since);
  return stored.map(loggedOperation);
}

/** Undefined when they are not there, or too much for an answer. */
function small(operations: readonly LoggedOperation[] | undefined): readonly LoggedOperation[] | undefined {
  if (operations === undefined || operations.length > OPERATIONS_MAX) return undefined;
  return Buffer.byteLength(JSON.stringify(operations)) <= OPERATIONS_BYTES ? operations : undefined;
}

async function within(
  ms: number,
  settled: Promise<Outcome<number, 'unavailable'>>,
): Promise<Outcome<number, 'unavailable'>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome<number, 'unavailable'>>((resolve) => {
    timer = setTimeout(() => {
      resolve(fail('unavailable', 'What has happened in the room cannot be announced now.'));
    }, ms);
  });
  const position = await Promise.race([settled, late]);
  clearTimeout(timer);
  return position;
}
