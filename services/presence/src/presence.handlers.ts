import { gatewayLost, GATEWAY_LOST_ID, presence, type GatewayId, type Outcome } from '@parley/contracts';
import type { Bus, Stoppable } from '@parley/bus';
import { shardHandler } from '@parley/service';
import type { GatewayRoster } from './clear-gateways.js';
import type { PresenceCore } from './presence-core.js';

/** Questions that any replica answers. */
export function serveQuestions(bus: Bus, core: PresenceCore): Stoppable[] {
  return [
    bus.serve(presence.lookup, ({ userIds }) => core.lookup.run(userIds)),
    bus.serve(presence.online, ({ limit }) => core.online.run(limit)),
    bus.serve(presence.connections, (query) => core.listConnections.run(query)),
    bus.serve(presence.reach, ({ userIds, dialect }) => core.reach.run(userIds, dialect)),
    bus.serve(presence.alive, ({ connections }) => core.alive.run(connections)),
    bus.serve(presence.chosen, ({ userId }) => core.chosen.run(userId)),
  ];
}

/** Changes, which the owner of the user's shard makes. */
export function shardHandlers(core: PresenceCore) {
  return [
    shardHandler(presence.report, (request) => core.report.run(request)),
    shardHandler(presence.setStatus, (request) => core.setStatus.run(request)),
  ];
}

export function gatewayRoster(bus: Bus): GatewayRoster {
  return {
    living: () => new Set(bus.gateways().map(({ gatewayId }) => gatewayId)),
    async announceLost(gatewayId, graceful) {
      // Every replica says so; the id makes it one event.
      const messageId = gatewayLostMessageId(gatewayId);
      const published = await bus.publish(gatewayLost, GATEWAY_LOST_ID, { gatewayId, graceful }, { messageId });
      return published.ok;
    },
  };
}

export function gatewayLostMessageId(gatewayId: GatewayId): string {
  return `gateway-lost-${gatewayId}`;
}

/** Follows the connection to the bus and the leases of the gateways; `changed` asks for a pass at once. */
export async function watchGateways(
  bus: Bus,
  { steadiness, clearGateways }: PresenceCore,
  changed: () => void,
): Promise<Outcome<Stoppable>> {
  const status = bus.onStatus((now) => {
    if (now === 'connected') steadiness.busConnected();
    else steadiness.busDisconnected();
  });
  if (bus.status() === 'connected') steadiness.busConnected();
  const goodbyes = bus.subscribe(gatewayLost.subject(GATEWAY_LOST_ID), (event) => {
    const decoded = gatewayLost.decode(event);
    // What other replicas have judged is not taken on trust: their connection to the bus may be at fault.
    if (decoded?.payload.graceful !== true) return;
    clearGateways.saidGoodbye(decoded.payload.gatewayId);
    changed();
  });
  const leases = await bus.watchLeases({
    joined: ({ gatewayId }) => {
      clearGateways.joined(gatewayId);
    },
    lost: ({ gatewayId }, graceful) => {
      clearGateways.lost(gatewayId, graceful);
      changed();
    },
  });
  if (!leases.ok) {
    goodbyes.unsubscribe();
    await status.stop();
    return leases;
  }
  return {
    ok: true,
    value: {
      async stop() {
        goodbyes.unsubscribe();
        await Promise.all([leases.value.stop(), status.stop()]);
      },
    },
  };
}
