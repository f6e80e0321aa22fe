import { fail, roomCursor, roomSelection, type RoomId } from '@parley/contracts';
import type { Command, Commands } from '../../command.js';
import { refuse } from '../errors.js';
import type { Cursor, UpBinary, UpCursorMove, UpSelectionChange } from '../up.js';
import { acknowledge } from './answer.js';
import { roomOf, type Joined, type Scope } from './scope.js';

const CURSOR_MS = 1_000 / 60;
const SELECTION_MS = 100;

const utf8 = new TextEncoder();

interface Place {
  readonly roomId: RoomId;
  readonly room: Joined;
}

export function moveCursor(scope: Scope, message: UpCursorMove): Commands {
  const place = placeOf(scope, message);
  if (place === undefined) return refusePointer(scope, message);
  return [emitCursor(scope, place, message.cursor), ...acknowledge(scope, message)];
}

export function changeSelection(scope: Scope, message: UpSelectionChange): Commands {
  const place = placeOf(scope, message);
  if (place === undefined) return refusePointer(scope, message);
  return [emitSelection(scope, place, message.ranges, message.color), ...acknowledge(scope, message)];
}

/** Who sends a binary frame wants to get them too. */
export function binaryPointer(scope: Scope, message: UpBinary): Commands {
  const prefer = preferBinary(scope);
  const place = placeOf(scope, {});
  if (place === undefined) return [...prefer, ...refusePointer(scope, {})];
  if (message.type === 'binary_cursor') return [...prefer, emitCursor(scope, place, message.cursor)];
  const { anchor, head } = message;
  const ranges = utf8.encode(JSON.stringify([{ anchor, head }]));
  return [...prefer, emitSelection(scope, place, ranges, place.room.color)];
}

export function preferBinary(scope: Scope): Commands {
  if (scope.binary) return [];
  scope.binary = true;
  return [{ kind: 'prefer-alternative' }];
}

function placeOf(scope: Scope, message: { readonly roomId?: RoomId }): Place | undefined {
  const roomId = roomOf(scope, message);
  if (roomId === undefined) return undefined;
  const room = scope.rooms.get(roomId);
  return room?.phase === 'joined' ? { roomId, room } : undefined;
}

function refusePointer(
  { context }: Scope,
  { id, roomId }: { readonly id?: string; readonly roomId?: RoomId },
): Commands {
  const { error } = fail('forbidden', 'Join the room first');
  return refuse(context.now(), error, {
    ...(id === undefined ? {} : { id }),
    ...(roomId === undefined ? {} : { roomId }),
  });
}

/** The user is the connection's, whatever the client wrote. */
function emitCursor({ context, login }: Scope, { roomId, room }: Place, cursor: Cursor): Command {
  const payload = {
    userId: login.userId,
    numericId: room.numericId,
    connectionId: context.connectionId,
    ...cursor,
    at: context.now(),
  };
  return {
    kind: 'emit',
    key: `cursor:${roomId}`,
    everyMs: CURSOR_MS,
    publish: (emitter) => {
      emitter.emit(roomCursor, roomId, payload);
    },
  };
}

function emitSelection(scope: Scope, { roomId, room }: Place, ranges: Uint8Array, color: string): Command {
  const { context, login } = scope;
  const { numericId } = room;
  const payload = { userId: login.userId, numericId, connectionId: context.connectionId, color, at: context.now() };
  return {
    kind: 'emit',
    key: `selection:${roomId}`,
    everyMs: SELECTION_MS,
    publish: (emitter) => {
      emitter.emit(roomSelection, roomId, payload, ranges);
    },
  };
}
