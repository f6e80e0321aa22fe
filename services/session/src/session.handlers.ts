import {
  gatewayLost,
  GATEWAY_LOST_ID,
  ok,
  presence,
  sessions,
  type ConnectionId,
  type GatewayId,
  type SessionId,
} from '@parley/contracts';
import type { Bus, EventSubscription, Stoppable } from '@parley/bus';
import { shardHandler } from '@parley/service';
import type { AskGone } from './roll-call.js';
import type { SessionCore } from './session-core.js';

const ASK_MS = 1_500;

/** Questions that any replica answers. */
export function serveQuestions(bus: Bus, core: SessionCore): Stoppable[] {
  return [bus.serve(sessions.list, ({ before, limit }) => core.read.list(before, limit))];
}

/**
 * What the owner of the session's shard does. What a connection asks for, and what is told of its end, keep their order;
 * the writer puts all that changes one shard into one line anyhow.
 */
export function shardHandlers(core: SessionCore) {
  const bySession = { lane: ({ sessionId }: { readonly sessionId: SessionId }): string => sessionId };
  const byConnection = { lane: ({ connectionId }: { readonly connectionId: ConnectionId }): string => connectionId };
  return [
    shardHandler(sessions.create, (request) => core.create.run(request), bySession),
    shardHandler(sessions.get, ({ sessionId }) => core.read.get(sessionId), bySession),
    shardHandler(
      sessions.close,
      ({ sessionId, authority, reason }) => core.close.run(sessionId, authority, reason),
      bySession,
    ),
    shardHandler(
      sessions.kick,
      ({ sessionId, authority, memberId, reason }) => core.kick.run(sessionId, authority, memberId, reason),
      bySession,
    ),
    shardHandler(sessions.join, (request) => core.join.run(request), byConnection),
    shardHandler(
      sessions.leave,
      ({ sessionId, connectionId }) => core.leave.run(sessionId, connectionId),
      byConnection,
    ),
    shardHandler(
      sessions.lost,
      ({ sessionId, connectionId, why }) => core.lose.one(sessionId, connectionId, why),
      byConnection,
    ),
    shardHandler(
      sessions.members,
      async ({ sessionId }) => {
        const read = await core.read.get(sessionId);
        return read.ok ? ok({ members: read.value.members }) : read;
      },
      bySession,
    ),
    shardHandler(
      sessions.measured,
      ({ connectionId, latency }) => {
        core.latencies.note(connectionId, latency);
        return Promise.resolve(ok({}));
      },
      byConnection,
    ),
  ];
}

export function askPresence(bus: Bus): AskGone {
  return async (connections) => {
    const answer = await bus.call(presence.alive, { connections: [...connections] }, { deadlineMs: ASK_MS });
    return answer.ok ? ok(answer.value.gone) : answer;
  };
}

export function watchGateways(bus: Bus, lost: (gatewayId: GatewayId) => void): EventSubscription {
  return bus.subscribe(gatewayLost.subject(GATEWAY_LOST_ID), (event) => {
    const gone = gatewayLost.decode(event)?.payload;
    if (gone !== undefined) lost(gone.gatewayId);
  });
}
