import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, Req } from '@nestjs/common';
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
import { dialects } from '@parley/dialects';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { Operation } from './operation.js';
import { numberOf, parse, RestError, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';

const connectionIdCheck = compile(ConnectionId);
const userIdCheck = compile(UserId);
const Known = Type.Union(dialects.map(({ name }) => Type.Literal(name)));
const filter = compile(
  Type.Object({
    userId: Type.Optional(UserId),
    gatewayId: Type.Optional(GatewayId),
    dialect: Type.Optional(Known),
    after: Type.Optional(ConnectionId),
    limit: Type.Integer({ minimum: 1, maximum: 1_000 }),
  }),
);

const Filter = Type.Object({
  user_id: Type.Optional(UserId),
  gateway_id: Type.Optional(GatewayId),
  dialect: Type.Optional(Known),
  after: Type.Optional(ConnectionId),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
});
const ConnectionBody = Type.Object({
  connection_id: ConnectionId,
  gateway_id: GatewayId,
  user_id: UserId,
  dialect: DialectName,
  address: Type.String(),
  connected_at: Type.Integer({ description: 'ms since 1970' }),
});
const ConnectionsBody = Type.Object({ connections: Type.Array(ConnectionBody), total: Type.Integer() });
const Revoked = auth.revokeUser.reply;

/** What operators see and do, with a server API key. */
@Controller('admin')
export class AdminController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  /** `?user_id=&gateway_id=&dialect=&after=&limit=`, over all gateways, in order of connecting. */
  @Get('connections')
  @Operation({
    summary: 'Connections on all gateways, in order of connecting.',
    caller: 'server',
    status: 200,
    query: Filter,
    reply: ConnectionsBody,
  })
  async connections(
    @Req() request: Request,
    @Query() query: Record<string, string | undefined>,
  ): Promise<Static<typeof ConnectionsBody>> {
    this.callers.server(request);
    const wanted = parse(
      filter,
      defined({
        userId: query['user_id'],
        gatewayId: query['gateway_id'],
        dialect: query['dialect'],
        after: query['after'],
        limit: numberOf(query['limit'], 100),
      }),
    );
    const { connections, total } = unwrap(await this.bus.call(presence.connections, wanted));
    return { connections: connections.map(connectionBody), total };
  }

  @Delete('connections/:id')
  @HttpCode(204)
  @Operation({ summary: 'End a connection.', caller: 'server', status: 204, errors: ['not_found'] })
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
  @Operation({
    summary: 'End every login of a user: tokens, refresh tokens, sockets.',
    caller: 'server',
    status: 200,
    reply: Revoked,
    errors: ['not_found'],
  })
  async revoke(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof Revoked>> {
    this.callers.server(request);
    return unwrap(await this.bus.call(auth.revokeUser, { userId: parse(userIdCheck, id) }));
  }

  /** As above, and no new login until the ban is lifted. */
  @Put('users/:id/ban')
  @HttpCode(200)
  @Operation({
    summary: 'Ban a user: every login ends, and no other is let in, nor any of their devices.',
    caller: 'server',
    status: 200,
    reply: Revoked,
    errors: ['not_found'],
  })
  async ban(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof Revoked>> {
    this.callers.server(request);
    return unwrap(await this.bus.call(auth.banUser, { userId: parse(userIdCheck, id) }));
  }

  @Delete('users/:id/ban')
  @HttpCode(204)
  @Operation({ summary: 'Lift a ban.', caller: 'server', status: 204, errors: ['not_found'] })
  async unban(@Req() request: Request, @Param('id') id: string): Promise<void> {
    this.callers.server(request);
    unwrap(await this.bus.call(auth.unbanUser, { userId: parse(userIdCheck, id) }));
  }
}

function connectionBody(info: ConnectionInfo): Static<typeof ConnectionBody> {
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
