import {
  ConnectionId,
  DialectName,
  GatewayId,
  LoginId,
  TrailEntry,
  type DialectTraffic,
  type GatewayInfo,
} from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';
import type { MergedEntry } from '../operator/merge-trails.js';

const At = Type.Integer({ description: 'ms since 1970, by the clock of the gateway' });
const Count = Type.Integer({ description: 'since the gateway started' });

const TrailEntryBody = Type.Object({
  at: At,
  what: TrailEntry.properties.what,
  gateway_id: GatewayId,
  connection_id: ConnectionId,
  login_id: LoginId,
  dialect: DialectName,
  address: Type.Optional(Type.String({ description: 'of `connected`' })),
  code: Type.Optional(Type.Integer({ description: 'of `closed`: the WebSocket’s; 1006 when it broke without one' })),
  reason: Type.Optional(
    Type.String({
      description:
        'of `refused` and `closed`: `client` (the other side left), `protocol` (a rule of the dialect), or why the gateway ended it',
    }),
  ),
  moved_from: Type.Optional(
    Type.Unsafe<GatewayId>({
      ...GatewayId,
      description: 'of `logged_in`: where the same login’s connection was before',
    }),
  ),
});
export const TrailBody = Type.Object({
  entries: Type.Array(TrailEntryBody),
  unheard: Type.Array(GatewayId, { description: 'Gateways that did not answer in time.' }),
});

export function trailEntryBody(entry: MergedEntry): Static<typeof TrailEntryBody> {
  const { address, code, reason, movedFrom } = entry;
  return {
    at: entry.at,
    what: entry.what,
    gateway_id: entry.gatewayId,
    connection_id: entry.connectionId,
    login_id: entry.loginId,
    dialect: entry.dialect,
    ...(address === undefined ? {} : { address }),
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason }),
    ...(movedFrom === undefined ? {} : { moved_from: movedFrom }),
  };
}

const TrafficBody = Type.Object({
  dialect: DialectName,
  connections: Type.Integer({ description: 'now, those that are not logged in included' }),
  frames_received: Count,
  bytes_received: Count,
  frames_sent: Count,
  bytes_sent: Count,
  deliveries: Count,
  bytes_delivered: Count,
});

const GatewayStats = Type.Object({
  gateway_id: GatewayId,
  started_at: Type.Integer({ description: 'ms since 1970' }),
  draining: Type.Boolean(),
  connections: Type.Integer(),
  traffic: Type.Optional(
    Type.Object(
      { at: At, dialects: Type.Array(TrafficBody) },
      { description: 'What rates are made of; absent when the gateway did not answer in time.' },
    ),
  ),
});
export const StatsBody = Type.Object({ gateways: Type.Array(GatewayStats), connections: Type.Integer() });

export function statsOf(
  info: GatewayInfo,
  traffic: { readonly at: number; readonly dialects: readonly DialectTraffic[] } | undefined,
): Static<typeof GatewayStats> {
  return {
    gateway_id: info.gatewayId,
    started_at: info.startedAt,
    draining: info.draining,
    connections: info.connections,
    ...(traffic === undefined ? {} : { traffic: { at: traffic.at, dialects: traffic.dialects.map(trafficBody) } }),
  };
}

function trafficBody(counted: DialectTraffic): Static<typeof TrafficBody> {
  return {
    dialect: counted.dialect,
    connections: counted.connections,
    frames_received: counted.framesReceived,
    bytes_received: counted.bytesReceived,
    frames_sent: counted.framesSent,
    bytes_sent: counted.bytesSent,
    deliveries: counted.deliveries,
    bytes_delivered: counted.bytesDelivered,
  };
}
