import type { Bus, Stoppable } from '@parley/bus';
import { auth, fail, ok, presence, rooms, type GatewayId, type RoomId } from '@parley/contracts';
import { shardHandler, type ShardHandler } from '@parley/service';
import { createRoom } from './create-room.js';
import { deleteRoom } from './delete-room.js';
import { getRoom, roomContent } from './get-room.js';
import { joinRoom } from './join-room.js';
import { leaveRoom } from './leave-room.js';
import { listOperations } from './list-operations.js';
import { listRooms } from './list-rooms.js';
import { removeMember } from './remove-member.js';
import type { AskGone } from './roll-call.js';
import type { RoomsCore } from './rooms-core.js';
import { submitted } from './rooms.metrics.js';
import { setMember } from './set-member.js';
import type { SubmitOutcome } from './submission.js';
import { submitOperation } from './submit-operation.js';

/** Below the deadline of who asks us, so that they hear what was wrong. */
const ASK_MS = 1_000;

/** Questions that any replica answers. */
export function serveQuestions(bus: Pick<Bus, 'serve'>, core: RoomsCore): Stoppable[] {
  return [bus.serve(rooms.list, (request) => listRooms(core, request))];
}

/** What only the owner of the room's shard does. */
export function shardHandlers(core: RoomsCore): ShardHandler[] {
  return [...changes(core), ...documents(core)];
}

/** One after the other for each room. */
function changes(core: RoomsCore): ShardHandler[] {
  const lane = { lane: ({ roomId }: { readonly roomId: RoomId }) => `room ${roomId}` };
  const turn = <T>({ roomId }: { readonly roomId: RoomId }, work: () => Promise<T>): Promise<T> =>
    core.lanes.run(roomId, work);
  return [
    shardHandler(rooms.create, (request, { body }, shard) => createRoom(core, request, body, shard), lane),
    shardHandler(rooms.delete, (request) => turn(request, () => deleteRoom(core, request)), lane),
    shardHandler(rooms.setMember, (request) => turn(request, () => setMember(core, request)), lane),
    shardHandler(rooms.removeMember, (request) => turn(request, () => removeMember(core, request)), lane),
    shardHandler(rooms.leave, (request) => turn(request, () => leaveRoom(core, request)), lane),
  ];
}

/** A lane for each: joining takes its own turns, operations are put in order by the sequencer. */
function documents(core: RoomsCore): ShardHandler[] {
  let last = 0;
  const ownLane = { lane: () => `own ${String(++last)}` };
  return [
    shardHandler(rooms.join, (request) => joinRoom(core, request), ownLane),
    shardHandler(rooms.get, (request) => getRoom(core, request), ownLane),
    shardHandler(rooms.content, (request) => roomContent(core, request), ownLane),
    shardHandler(rooms.operations, (request) => listOperations(core, request), ownLane),
    shardHandler(rooms.submit, (request, { body }) => counted(submitOperation(core, request, body)), ownLane),
  ];
}

async function counted(submitting: Promise<SubmitOutcome>): Promise<SubmitOutcome> {
  const outcome = await submitting;
  submitted.add(1, { result: outcome.ok ? outcome.value.result : outcome.error.code });
  return outcome;
}

export function isUserOf(bus: Pick<Bus, 'call'>): RoomsCore['isUser'] {
  return async (userId) => {
    const user = await bus.call(auth.getUser, { userId }, { deadlineMs: ASK_MS });
    if (user.ok) return ok(true);
    const { code, ...said } = user.error;
    return code === 'not_found' ? ok(false) : fail(code, said.message);
  };
}

export function goneOf(bus: Pick<Bus, 'call'>): AskGone {
  return async (connections) => {
    const answer = await bus.call(presence.alive, { connections: [...connections] }, { deadlineMs: ASK_MS });
    return answer.ok ? ok(answer.value.gone) : answer;
  };
}

export interface GatewayNews {
  lost(gatewayId: GatewayId): void;
  /** These are all that there are. */
  settled(alive: ReadonlySet<GatewayId>): void;
}

export async function watchGateways(bus: Bus, news: GatewayNews): Promise<Stoppable> {
  const watched = await bus.watchLeases({
    joined: () => undefined,
    lost: ({ gatewayId }) => {
      news.lost(gatewayId);
    },
    settled: (alive) => {
      news.settled(new Set(alive.map(({ gatewayId }) => gatewayId)));
    },
  });
  if (!watched.ok) throw new Error(`gateways cannot be watched: ${watched.error.message}`);
  return watched.value;
}
