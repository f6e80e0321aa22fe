import type { Bus, Stoppable } from '@parley/bus';
import { gatewayReports, ok, type DialectTraffic, type GatewayId } from '@parley/contracts';
import { dialects } from '@parley/dialects';
import { trafficOf } from '../gateway.metrics.js';
import type { Connection } from '../socket/connection.js';
import type { Trail } from './trail.js';

export interface ReportDeps {
  readonly bus: Pick<Bus, 'serveAt'>;
  readonly gatewayId: GatewayId;
  readonly trail: Trail;
  readonly connections: () => readonly Pick<Connection, 'dialect'>[];
}

/** Answers what operators ask of every gateway. */
export function serveReports({ bus, gatewayId, trail, connections }: ReportDeps): readonly Stoppable[] {
  return [
    bus.serveAt(gatewayReports.trail, gatewayId, ({ userId, limit }) =>
      Promise.resolve(ok({ entries: trail.of(userId, limit) })),
    ),
    bus.serveAt(gatewayReports.traffic, gatewayId, () =>
      Promise.resolve(ok({ at: Date.now(), dialects: trafficNow(connections()) })),
    ),
  ];
}

function trafficNow(connections: readonly Pick<Connection, 'dialect'>[]): DialectTraffic[] {
  const open = new Map<string, number>();
  for (const { dialect } of connections) open.set(dialect.name, (open.get(dialect.name) ?? 0) + 1);
  return dialects.map(({ name }) => {
    const counted = trafficOf(name);
    return {
      dialect: name,
      connections: open.get(name) ?? 0,
      framesReceived: counted.framesReceived.total,
      bytesReceived: counted.bytesReceived.total,
      framesSent: counted.framesSent.total,
      bytesSent: counted.bytesSent.total,
      deliveries: counted.deliveries.total,
      bytesDelivered: counted.bytesDelivered.total,
    };
  });
}
