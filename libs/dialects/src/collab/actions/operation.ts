import { compile, fail, rooms, type AppError, type RoomId } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { none, type Caller, type Commands } from '../../command.js';
import { code, refuseAs } from '../errors.js';
import type { UpOperation } from '../up.js';
import { acknowledgeOperations, refuseMessage } from './answer.js';
import { fallenOut, fallOut } from './leave-room.js';
import { roomOf, type Joined, type Joining, type Scope } from './scope.js';

type Request = Static<typeof rooms.submit.request>;
type Reply = Static<typeof rooms.submit.reply>;

const requestCheck = compile(rooms.submit.request);

/**
 * Later messages do not wait for the answer; those of one connection are asked in its order nevertheless. An operation that
 * was accepted is acknowledged by the room's event, in its place among the others.
 */
export function submit(scope: Scope, message: UpOperation): Commands {
  const { id, operation, version, checksum } = message;
  const roomId = roomOf(scope, message);
  if (roomId === undefined) {
    return refuseMessage(scope, fail('invalid', 'No room is joined', { field: 'roomId' }).error, message);
  }
  const { userId } = scope.login;
  const { connectionId } = scope.context;
  const request = {
    roomId,
    userId,
    connectionId,
    operationId: id,
    baseVersion: version,
    ...(checksum === undefined ? {} : { checksum: checksum.toLowerCase() }),
  };
  // All else has been checked: what is no SHA-256 cannot be the right one.
  if (!requestCheck.is(request)) return checksumFailed(scope, message, roomId);
  scope.acks.submit(id, roomId);
  return [{ kind: 'background', perform: (caller) => ask(scope, caller, message, request, operation) }];
}

async function ask(
  scope: Scope,
  caller: Caller,
  message: UpOperation,
  request: Request,
  body: Uint8Array,
): Promise<Commands> {
  const { roomId } = request;
  const room = scope.rooms.get(roomId);
  const answer = await caller.call(rooms.submit, request, { body });
  if (answer.ok) return answered(scope, message, roomId, answer.value);
  scope.acks.forget(message.id);
  if (answer.error.code === 'conflict') return notInRoom(scope, message, roomId, room);
  return refuseMessage(scope, inPayload(answer.error), message, roomId);
}

/** `room`: as it was when the operation was sent. Who was in it has done nothing wrong, and loses nothing by joining again. */
function notInRoom(scope: Scope, message: UpOperation, roomId: RoomId, room: Joined | Joining | undefined): Commands {
  if (room === undefined) {
    return refuseMessage(scope, fail('forbidden', 'Join the room first').error, message, roomId);
  }
  // Joined again meanwhile, or told already.
  const isNews = room.phase === 'joined' && scope.rooms.get(roomId) === room && room.leaving !== true;
  return [...refuseMessage(scope, fallenOut, message, roomId), ...(isNews ? fallOut(scope, roomId) : none)];
}

/** The service knows the operation, and not where in the message it lay. */
function inPayload(error: AppError): AppError {
  return error.code === 'invalid' && error.field !== undefined ? { ...error, field: `payload.${error.field}` } : error;
}

function answered(scope: Scope, message: UpOperation, roomId: RoomId, reply: Reply): Commands {
  const messageId = message.id;
  if (reply.result === 'accepted') {
    const { version } = reply;
    const now = scope.acks.accepted(messageId, version, standing(scope, roomId));
    return now ? acknowledgeOperations(scope, roomId, [{ messageId, version }]) : none;
  }
  scope.acks.forget(messageId);
  switch (reply.result) {
    case 'repeated':
      return acknowledgeOperations(scope, roomId, [{ messageId, version: reply.version }]);
    case 'version_mismatch':
      return refuseAs(
        scope.context.now(),
        {
          code: code.versionMismatch,
          message: 'The operation was made on a version that is not at hand',
          currentVersion: reply.currentVersion,
        },
        { id: messageId, roomId },
      );
    case 'checksum_failed':
      return checksumFailed(scope, message, roomId);
  }
}

function standing({ rooms: joined }: Scope, roomId: RoomId): 'joining' | 'out' | { readonly joinedAt: number } {
  const room = joined.get(roomId);
  if (room === undefined) return 'out';
  return room.phase === 'joining' ? 'joining' : { joinedAt: room.version };
}

function checksumFailed({ context }: Scope, { id }: UpOperation, roomId: RoomId): Commands {
  const told = { code: code.checksumFailed, message: 'The operation is not the one that its checksum was made of' };
  return refuseAs(context.now(), told, { id, roomId });
}
