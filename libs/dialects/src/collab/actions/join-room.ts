import { fail, ok, rooms, type AppError, type Outcome, type RoomId } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { close, type Caller, type Command, type Commands } from '../../command.js';
import { MUST } from '../../frame.js';
import { roomJoined } from '../encode.js';
import type { UpJoinRoom } from '../up.js';
import { acknowledge, acknowledgeOperations, refuseMessage } from './answer.js';
import { subjectsOf, type Joining, type Scope } from './scope.js';

type Reply = Static<typeof rooms.join.reply>;
type Content = Extract<Reply['state'], { readonly kind: 'content' }>['content'];
type State = Parameters<typeof roomJoined>[1];

/** Rooms that one connection may have asked to enter; the service allows a user far fewer. */
const MAX_ENTERED = 100;

/**
 * From here on the room's events are held; then the service is asked, the client told, and what its state says already is
 * skipped. Who is in the room comes anew: events in between must not overtake the state.
 */
export function joinRoom(scope: Scope, message: UpJoinRoom): Commands {
  const { roomId } = message.payload;
  if (!scope.entered.has(roomId) && scope.entered.size >= MAX_ENTERED) {
    return refuseMessage(scope, fail('limit_exceeded', 'Too many rooms').error, message, roomId);
  }
  const again = scope.rooms.has(roomId);
  const joining: Joining = { phase: 'joining' };
  scope.rooms.delete(roomId);
  scope.rooms.set(roomId, joining);
  return [
    ...(again ? [{ kind: 'leave', subjects: subjectsOf(roomId) } as const] : []),
    {
      kind: 'join',
      requests: subjectsOf(roomId).map((subject) => ({ subject })),
      then: (listening) => {
        if (!listening.ok) return giveUp(scope, message, listening.error);
        return [{ kind: 'call', perform: (caller) => enter(scope, caller, message, joining) }];
      },
    },
  ];
}

async function enter(scope: Scope, caller: Caller, message: UpJoinRoom, joining: Joining): Promise<Commands> {
  const { roomId, lastSyncVersion } = message.payload;
  const { context, login, replaces } = scope;
  scope.entered.add(roomId);
  const entered = await caller.call(rooms.join, {
    roomId,
    userId: login.userId,
    username: login.username,
    connectionId: context.connectionId,
    gatewayId: context.gatewayId,
    ...(replaces === undefined ? {} : { replaces }),
    ...(lastSyncVersion === undefined || lastSyncVersion === 0 ? {} : { since: lastSyncVersion }),
  });
  if (!entered.ok) {
    if (isCertain(entered.error)) scope.entered.delete(roomId);
    return [...leave(roomId), ...giveUp(scope, message, entered.error)];
  }
  const state = await stateOf(scope, caller, roomId, entered.value);
  const { gone } = joining;
  if (gone !== undefined && gone.sequence > entered.value.position) {
    return [...leave(roomId), ...giveUp(scope, message, gone.error)];
  }
  if (!state.ok) return [...leave(roomId), ...giveUp(scope, message, state.error)];
  return tell(scope, message, entered.value, state.value);
}

/** An answer, and not the lack of one. */
function isCertain({ code }: AppError): boolean {
  return code === 'not_found' || code === 'full' || code === 'limit_exceeded';
}

function tell(scope: Scope, message: UpJoinRoom, reply: Reply, state: State): Commands {
  const { roomId } = message.payload;
  const { participant, participants, version, type, checksum, position } = reply;
  const { numericId, color } = participant;
  scope.rooms.set(roomId, { phase: 'joined', version, numericId, color });
  const recovered = reply.state.kind === 'operations';
  const frame = roomJoined({ roomId, participants, version, recovered, type, checksum }, state, scope.context.now());
  const [subject = ''] = subjectsOf(roomId);
  return [
    { kind: 'send', frames: [frame], delivery: MUST },
    { kind: 'skip', subject, upTo: position },
    ...acknowledgeOperations(scope, roomId, scope.acks.joined(roomId, version)),
    ...acknowledge(scope, message),
    ...(isLong(reply) ? [waitForReader()] : []),
  ];
}

function isLong({ state }: Reply): boolean {
  return state.kind === 'content' && state.content.kind === 'pieces';
}

/** What is live comes when the client has taken a long document in, rather than be piled up on it. */
function waitForReader(): Command {
  return { kind: 'flushed', then: (flushed) => (flushed ? [] : [close(1013, 'reads too slowly')]) };
}

async function stateOf(scope: Scope, caller: Caller, roomId: RoomId, reply: Reply): Promise<Outcome<State>> {
  if (reply.state.kind === 'operations') return ok({ operations: reply.state.operations });
  const content = await contentOf(scope, caller, roomId, reply.version, reply.state.content);
  return content.ok ? ok({ content: content.value }) : content;
}

async function contentOf(
  { login }: Scope,
  caller: Caller,
  roomId: RoomId,
  version: number,
  content: Content,
): Promise<Outcome<string>> {
  if (content.kind === 'whole') return ok(content.text);
  const pieces: string[] = [];
  for (let piece = 0; piece < content.count; piece++) {
    const fetched = await caller.call(rooms.content, { actorId: login.userId, roomId, version, piece });
    // The room is there, as its join has shown; only this version is not kept any more.
    if (!fetched.ok) return fetched.error.code === 'not_found' ? fail('unavailable', 'Try again') : fetched;
    pieces.push(fetched.value.text);
  }
  return ok(pieces.join(''));
}

function leave(roomId: RoomId): Commands {
  return [{ kind: 'leave', subjects: subjectsOf(roomId) }];
}

function giveUp(scope: Scope, message: UpJoinRoom, error: AppError): Commands {
  const { roomId } = message.payload;
  scope.rooms.delete(roomId);
  return [
    ...acknowledgeOperations(scope, roomId, scope.acks.left(roomId)),
    ...refuseMessage(scope, error, message, roomId),
  ];
}
