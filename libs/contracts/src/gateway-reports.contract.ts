import { Type, type Static } from '@sinclair/typebox';
import { ConnectionId, DialectName, GatewayId, LoginId, UserId } from './ids.js';
import { defineRequest } from './request.js';

const At = Type.Integer({ description: 'ms since 1970, by the clock of the gateway' });

/**
 * What happened to one connection of a user. `refused` and `closed` say why in a word: of `closed`, `client` when the other side
 * left, `protocol` when the rules of the dialect ended it (`code` says which), otherwise why the gateway did.
 */
export const TrailEntry = Type.Object({
  at: At,
  what: Type.Union([
    Type.Literal('connected'),
    Type.Literal('logged_in'),
    Type.Literal('refused'),
    Type.Literal('closed'),
  ]),
  gatewayId: GatewayId,
  connectionId: ConnectionId,
  loginId: LoginId,
  dialect: DialectName,
  /** Of `connected`. */
  address: Type.Optional(Type.String()),
  /** Of `closed`: the WebSocket's close code, 1006 when it broke without one. */
  code: Type.Optional(Type.Integer()),
  reason: Type.Optional(Type.String()),
});
export type TrailEntry = Static<typeof TrailEntry>;

const Count = Type.Integer({ minimum: 0 });

/** Counted since the gateway started, but for `connections`, which is now. */
export const DialectTraffic = Type.Object({
  dialect: DialectName,
  connections: Count,
  framesReceived: Count,
  bytesReceived: Count,
  /** To single clients, in answer to what they sent. */
  framesSent: Count,
  bytesSent: Count,
  /** Events written to sockets: one for each event and receiver. */
  deliveries: Count,
  bytesDelivered: Count,
});
export type DialectTraffic = Static<typeof DialectTraffic>;

/** Asked of one gateway at a time: what only it knows. */
export const gatewayReports = {
  /** Newest first. In memory, bounded, and gone with the process: older entries make room for newer ones. */
  trail: defineRequest('gateway.trail', {
    request: Type.Object({ gatewayId: GatewayId, userId: UserId, limit: Type.Integer({ minimum: 1, maximum: 1_000 }) }),
    reply: Type.Object({ entries: Type.Array(TrailEntry) }),
    errors: [],
    gateway: (request) => request.gatewayId,
  }),
  traffic: defineRequest('gateway.traffic', {
    request: Type.Object({ gatewayId: GatewayId }),
    reply: Type.Object({ at: At, dialects: Type.Array(DialectTraffic) }),
    errors: [],
    deadlineMs: 1_000,
    gateway: (request) => request.gatewayId,
  }),
};
