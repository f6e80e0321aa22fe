import { Type, type Static } from '@sinclair/typebox';
import { defineEvent } from './event.js';
import { ConnectionId, GatewayId } from './ids.js';

/** What a gateway's lease says of it. */
export const GatewayInfo = Type.Object({
  gatewayId: GatewayId,
  startedAt: Type.Integer({ description: 'ms since 1970' }),
  draining: Type.Boolean(),
  connections: Type.Integer(),
});
export type GatewayInfo = Static<typeof GatewayInfo>;

/** On `evt.gateway.lost`: its lease ran out, or it said goodbye; services clear what hung on it. */
export const gatewayLost = defineEvent('gateway', {
  channel: 'EVENTS',
  payload: Type.Object({ gatewayId: GatewayId, graceful: Type.Boolean() }),
});
export const GATEWAY_LOST_ID = 'lost';

/** On `evt.command.<gatewayId>`: an operator's order to one gateway. */
export const gatewayCommand = defineEvent('command', {
  channel: 'EVENTS',
  payload: Type.Object({
    type: Type.Literal('disconnect'),
    connectionId: ConnectionId,
    reason: Type.String({ maxLength: 100 }),
  }),
});

/** On `evt.canary.<gatewayId>`: a gateway's own proof that it still hears the bus. */
export const canary = defineEvent('canary', {
  channel: 'EVENTS',
  payload: Type.Object({ gatewayId: GatewayId, sentAt: Type.Integer() }),
});
