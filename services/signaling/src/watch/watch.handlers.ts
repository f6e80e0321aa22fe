import {
  auth,
  devices,
  fail,
  gatewayLost,
  GATEWAY_LOST_ID,
  newMessageId,
  ok,
  presence,
  watch,
  watchEvent,
  type GatewayId,
} from '@parley/contracts';
import type { Bus, EventSubscription, Stoppable } from '@parley/bus';
import { shardHandler } from '@parley/service';
import type { Clock } from '../clock.js';
import type { WatchCore, WatchOutside } from './watch-core.js';

/** Below the deadline of who asks us. */
const ASK_MS = 1_500;

/** Questions that any replica answers. */
export function serveWatchQuestions(bus: Bus, core: WatchCore): Stoppable[] {
  return [
    bus.serve(devices.list, ({ actorId, after, limit }) => core.read.list(actorId, after, limit)),
    bus.serve(devices.get, ({ actorId, deviceId }) => core.read.get(actorId, deviceId)),
    bus.serve(watch.list, ({ limit, ...query }) => core.list.run(query, limit)),
    bus.serve(watch.connectViewer, ({ userId, connectionId, gatewayId, sessionIds }) =>
      core.viewers.connect(userId, { connectionId, gatewayId }, sessionIds),
    ),
    bus.serve(watch.disconnectViewer, ({ userId, connectionId, final }) =>
      core.viewers.disconnect(userId, connectionId, final),
    ),
  ];
}

/** What the owner of the device's shard does: for each device, and for each session, in the order in which it is asked. */
export function watchShardHandlers(core: WatchCore) {
  const byDevice = { lane: ({ deviceId }: { readonly deviceId: string }): string => `device ${deviceId}` };
  const bySession = { lane: ({ sessionId }: { readonly sessionId: string }): string => `watch ${sessionId}` };
  return [
    shardHandler(devices.register, (request) => core.register.run(request), byDevice),
    shardHandler(devices.delete, ({ actorId, deviceId }) => core.share.delete(actorId, deviceId), byDevice),
    shardHandler(
      devices.share,
      ({ actorId, deviceId, userId }) => core.share.share(actorId, deviceId, userId),
      byDevice,
    ),
    shardHandler(
      devices.unshare,
      ({ actorId, deviceId, userId }) => core.share.unshare(actorId, deviceId, userId),
      byDevice,
    ),
    shardHandler(devices.authenticate, ({ deviceId, key }) => core.authenticate.run(deviceId, key), byDevice),
    shardHandler(devices.connect, ({ deviceId, ...link }) => core.connect.connect(deviceId, link), byDevice),
    shardHandler(
      devices.disconnect,
      ({ deviceId, connectionId, final }) => core.connect.lose(deviceId, connectionId, { final }),
      byDevice,
    ),
    shardHandler(
      devices.setPresence,
      ({ deviceId, connectionId, presence: said }) => core.setPresence.run(deviceId, connectionId, said),
      byDevice,
    ),
    shardHandler(
      watch.request,
      ({ deviceId, userId, ...viewer }) => core.request.run({ deviceId, userId, viewer }),
      byDevice,
    ),
    shardHandler(watch.signal, (request, { body }) => core.relay.run(request, body), bySession),
    shardHandler(
      watch.end,
      ({ sessionId, userId, connectionId }) => core.end.run(sessionId, userId, connectionId),
      bySession,
    ),
    shardHandler(
      watch.resumeViewer,
      ({ sessionId, userId, ...viewer }) => core.viewers.resume(sessionId, userId, viewer),
      bySession,
    ),
    shardHandler(
      watch.loseViewer,
      ({ sessionId, connectionId, final }) => core.viewers.lose(sessionId, connectionId, { final }),
      bySession,
    ),
  ];
}

export function watchOutside(bus: Bus, clock: Clock, connected: () => boolean): WatchOutside {
  const options = { deadlineMs: ASK_MS };
  return {
    connected,
    async isUser(userId) {
      const user = await bus.call(auth.getUser, { userId }, options);
      if (user.ok) return ok(true);
      const { code, message } = user.error;
      return code === 'not_found' ? ok(false) : fail(code, message);
    },
    async isBanned(userId) {
      const answer = await bus.call(auth.isBanned, { userId }, options);
      return answer.ok ? ok(answer.value.banned) : answer;
    },
    async askGone(connections) {
      const answer = await bus.call(presence.alive, { connections: [...connections] }, options);
      return answer.ok ? ok(answer.value.gone) : answer;
    },
    askOwner: {
      resume: (sessionId, userId, viewer) => bus.call(watch.resumeViewer, { sessionId, userId, ...viewer }, options),
      lose: (sessionId, connectionId, final) => bus.call(watch.loseViewer, { sessionId, connectionId, final }, options),
    },
    passOn: (to, { sessionId, type, body }) =>
      bus.publish(
        watchEvent,
        to,
        { type: 'signal', at: clock(), sessionId, signal: type },
        { body, messageId: newMessageId(), deadlineMs: ASK_MS },
      ),
    tellEnded: (to, { id: sessionId, reason }) =>
      bus.publish(
        watchEvent,
        to,
        { type: 'ended', at: clock(), sessionId, reason },
        { messageId: newMessageId(), deadlineMs: ASK_MS },
      ),
  };
}

export function followGateways(bus: Bus, lost: (gatewayId: GatewayId) => void): EventSubscription {
  return bus.subscribe(gatewayLost.subject(GATEWAY_LOST_ID), (event) => {
    const gone = gatewayLost.decode(event)?.payload;
    if (gone !== undefined) lost(gone.gatewayId);
  });
}
