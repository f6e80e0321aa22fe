import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import {
  auth,
  compile,
  ConnectionId,
  DialectName,
  gatewayCommand,
  GatewayId,
  newMessageId,
  presence,
  UserId,
  type ConnectionInfo,
} from '@parley/contracts';
import type { Bus } from '@parley/bus';
import { Type } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { parse, RestError, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';

const connectionIdCheck = compile(ConnectionId);
const userIdCheck = compile(UserId);
const filter = compile(
  Type.Object({
    userId: Type.Optional(UserId),
    gatewayId: Type.Optional(GatewayId),
    dialect: Type.Optional(DialectName),
    after: Type.Optional(ConnectionId),
    limit: Type.Integer({ minimum: 1, maximum: 1_000 }),
  }),
);

/** What operators see and do, with a server API key. */
@Controller('admin')
export class AdminController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  /** `?user_id=&gateway_id=&dialect=&after=&limit=`, over all gateways, in order of connecting. */
  @Get('connections')
  async connections(@Req() request: Request, @Query() query: Record<string, string | undefined>): Promise<object> {
    this.callers.server(request);
    const wanted = parse(
      filter,
      defined({
        userId: query['user_id'],
        gatewayId: query['gateway_id'],
        dialect: query['dialect'],
        after: query['after'],
        limit: Number(query['limit'] ?? 100),
      }),
    );
    const { connections, total } = unwrap(await this.bus.call(presence.connections, wanted));
    return { connections: connections.map(connectionBody), total };
  }

  @Delete('connections/:id')
  @HttpCode(204)
  async disconnect(@Req() request: Request, @Param('id') id: string): Promise<void> {
    this.callers.server(request);
    const connectionId = parse(connectionIdCheck, id);
    const { connections } = unwrap(await this.bus.call(presence.connections, { connectionId, limit: 1 }));
    const [found] = connections;
    if (found === undefined) throw new RestError({ code: 'not_found', message: 'no such connection' });
    const command = { type: 'disconnect' as const, connectionId, reason: 'disconnected by an operator' };
    unwrap(await this.bus.publish(gatewayCommand, found.gatewayId, command, { messageId: newMessageId() }));
  }

  /** Ends every login of the user: tokens, refresh tokens, sockets. */
  @Post('users/:id/revoke')
  @HttpCode(200)
  async revoke(@Req() request: Request, @Param('id') id: string): Promise<{ readonly revoked: number }> {
    this.callers.server(request);
    return unwrap(await this.bus.call(auth.revokeUser, { userId: parse(userIdCheck, id) }));
  }

  @Get('stats')
  stats(@Req() request: Request): object {
    this.callers.server(request);
    const gateways = this.bus.gateways();
    return {
      gateways: gateways.map((gateway) => ({
        gateway_id: gateway.gatewayId,
        started_at: gateway.startedAt,
        draining: gateway.draining,
        connections: gateway.connections,
      })),
      connections: gateways.reduce((sum, gateway) => sum + gateway.connections, 0),
    };
  }
}

function connectionBody(info: ConnectionInfo): object {
  return {
    connection_id: info.connectionId,
    gateway_id: info.gatewayId,
    user_id: info.userId,
    dialect: info.dialect,
    address: info.address,
    connected_at: info.connectedAt,
  };
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
