import {
  fail,
  roomEvent,
  rooms,
  type AppError,
  type ConnectionId,
  type Outcome,
  type RawEvent,
  type RoomEvent,
  type RoomId,
} from '@parley/contracts';
import { call, none, type Caller, type Commands, type Farewell } from '../../command.js';
import { refuse } from '../errors.js';
import type { UpLeaveRoom } from '../up.js';
import { acknowledge, acknowledgeOperations, refuseMessage } from './answer.js';
import { subjectsOf, type Scope } from './scope.js';

/** Others see it at once. A room that was not joined has been left already. */
export function leaveRoom(scope: Scope, message: UpLeaveRoom): Commands {
  const { roomId } = message.payload;
  if (!scope.entered.has(roomId)) return acknowledge(scope, message);
  const { connectionId } = scope.context;
  const room = scope.rooms.get(roomId);
  if (room?.phase === 'joined') room.leaving = true;
  return [
    call(rooms.leave, { roomId, connectionId, lost: false }, (left) => {
      if (!left.ok) {
        if (room?.phase === 'joined') room.leaving = false;
        return refuseMessage(scope, left.error, message, roomId);
      }
      scope.entered.delete(roomId);
      return [...drop(scope, roomId), ...acknowledge(scope, message)];
    }),
  ];
}

/** Nothing of the room reaches this connection any more. */
function drop(scope: Scope, roomId: RoomId): Commands {
  scope.rooms.delete(roomId);
  return [
    { kind: 'leave', subjects: subjectsOf(roomId) },
    ...acknowledgeOperations(scope, roomId, scope.acks.left(roomId)),
  ];
}

/**
 * The service does not count this connection among those in the room any more, and nobody has asked it to leave: the client
 * has to join again, with nothing lost. What was submitted may be known to the service all the same.
 */
export function fallOut(scope: Scope, roomId: RoomId): Commands {
  return [...drop(scope, roomId), ...refuse(scope.context.now(), fallenOut, { roomId })];
}

export const fallenOut = fail('unavailable', 'The connection is not in the room any more: join again').error;

/** What an event of a room means for this connection beside what its client is told. */
export function observeRoom(scope: Scope, event: RawEvent): Commands {
  const payload = roomEvent.decode(event)?.payload;
  if (payload === undefined) return none;
  for (const [roomId, room] of scope.rooms) {
    if (roomId !== event.id) continue;
    if (payload.type === 'operations') {
      noteOwn(scope, payload, room.phase === 'joining');
      return none;
    }
    const error = endOf(scope, payload);
    if (error === undefined) return none;
    if (room.phase === 'joining') {
      // Who was removed leaves, too: that they were removed says more.
      if (error !== fallenOut || room.gone === undefined) room.gone = { sequence: event.sequence, error };
      return none;
    }
    // The answer to its leaving is on its way.
    if (error === fallenOut) return room.leaving === true ? none : fallOut(scope, roomId);
    scope.entered.delete(roomId);
    return [...drop(scope, roomId), ...refuse(scope.context.now(), error, { roomId })];
  }
  return none;
}

function noteOwn(scope: Scope, { operations }: Extract<RoomEvent, { type: 'operations' }>, held: boolean): void {
  if (scope.acks.size === 0) return;
  for (const { id, connectionId, version } of operations) {
    if (connectionId === scope.context.connectionId) scope.acks.announced(id, version, held);
  }
}

function endOf({ login, context }: Scope, event: RoomEvent): AppError | undefined {
  if (isOutOf(event, context.connectionId)) return fallenOut;
  if (event.type === 'deleted') return fail('not_found', 'The room has been deleted').error;
  if (event.type !== 'removed' || event.userId !== login.userId) return undefined;
  return fail('forbidden', 'You have been removed from the room').error;
}

/** It has left, or another of its user's connections has come in its place; where that is a new one, it is closed as well. */
function isOutOf(event: RoomEvent, connectionId: ConnectionId): boolean {
  if (event.type === 'left') return event.participant.connectionId === connectionId && event.removed !== true;
  return event.type === 'joined' && event.replaces === connectionId && event.participant.connectionId !== connectionId;
}

/** The connection is gone; the service gives it some time to come back. */
export function farewells({ context, entered }: Scope): readonly Farewell[] {
  const { connectionId } = context;
  return [...entered].map(
    (roomId) =>
      (caller: Caller): Promise<Outcome<unknown>> =>
        caller.call(rooms.leave, { roomId, connectionId, lost: true }),
  );
}
