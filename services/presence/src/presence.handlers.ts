import { gatewayLost, GATEWAY_LOST_ID, presence, type AppError, type GatewayId, type Outcome } from '@parley/contracts';
import type { Bus, Stoppable } from '@parley/bus';
import { shardHandler } from '@parley/service';
import type { ClearGateways, GatewayRoster } from './clear-gateways.js';
import type { ListConnections } from './list-connections.js';
import type { LookupPresence } from './lookup.js';
import type { ListOnline } from './online.js';
import type { ReportConnections } from './report.js';
import type { SetStatus } from './set-status.js';
import type { Steadiness } from './steadiness.js';

export interface PresenceVerbs {
  readonly report: ReportConnections;
  readonly setStatus: SetStatus;
  readonly lookup: LookupPresence;
  readonly online: ListOnline;
  readonly connections: ListConnections;
}

/** Questions that any replica answers. */
export function serveQuestions(bus: Bus, verbs: PresenceVerbs): Stoppable[] {
  return [
    bus.serve(presence.lookup, ({ userIds }) => verbs.lookup.run(userIds)),
    bus.serve(presence.online, ({ limit }) => verbs.online.run(limit)),
    bus.serve(presence.connections, (query) => verbs.connections.run(query)),
  ];
}

/** Changes, which the owner of the user's shard makes. */
export function shardHandlers(verbs: PresenceVerbs) {
  return [
    shardHandler(presence.report, (request) => verbs.report.run(request)),
    shardHandler(presence.setStatus, (request) => verbs.setStatus.run(request)),
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
  steadiness: Steadiness,
  gateways: ClearGateways,
  changed: () => void,
): Promise<Outcome<Stoppable, AppError['code']>> {
  const status = bus.onStatus((now) => {
    if (now === 'connected') steadiness.busConnected();
    else steadiness.busDisconnected();
  });
  if (bus.status() === 'connected') steadiness.busConnected();
  const goodbyes = bus.subscribe(gatewayLost.subject(GATEWAY_LOST_ID), (event) => {
    const decoded = gatewayLost.decode(event);
    // What other replicas have judged is not taken on trust: their connection to the bus may be at fault.
    if (decoded?.payload.graceful !== true) return;
    gateways.saidGoodbye(decoded.payload.gatewayId);
    changed();
  });
  const leases = await bus.watchLeases({
    joined: ({ gatewayId }) => {
      gateways.joined(gatewayId);
    },
    lost: ({ gatewayId, draining }) => {
      gateways.lost(gatewayId, draining);
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
