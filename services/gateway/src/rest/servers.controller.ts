import { Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Put, Query, Req } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import { compile, newServerId, ServerId, servers, UserId } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { MemberBody, memberBody, ServerBody, serverBody } from './chat.bodies.js';
import { statusesOf } from './member-statuses.js';
import { Operation } from './operation.js';
import { idOf, numberOf, parse, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';

const serverIdCheck = compile(ServerId);
const userIdCheck = compile(UserId);

const fields = servers.create.request.properties;
const Creation = Type.Object({ name: fields.name, description: fields.description });
const Changes = Type.Object({ name: Type.Optional(fields.name), description: fields.description });
const Page = Type.Object({
  after: Type.Optional(UserId),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
});
const creation = compile(Creation);
const changes = compile(Changes);
const page = compile(Page);

const MemberPage = Type.Object({ members: Type.Array(MemberBody), more: Type.Boolean() });

/** Servers of chat and who is in them. Who is not a member gets 404. */
@Controller('servers')
export class ServersController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Post()
  @Operation({
    summary: 'Create a server; its creator owns it.',
    caller: 'user',
    status: 201,
    body: Creation,
    reply: ServerBody,
    errors: ['limit_exceeded'],
  })
  async create(@Req() request: Request): Promise<Static<typeof ServerBody>> {
    const { userId: actorId } = await this.callers.user(request);
    const wanted = parse(creation, request.body);
    return serverBody(unwrap(await this.bus.call(servers.create, { actorId, serverId: newServerId(), ...wanted })));
  }

  @Get()
  @Operation({
    summary: 'The servers that the caller is a member of.',
    caller: 'user',
    status: 200,
    reply: Type.Array(ServerBody),
  })
  async list(@Req() request: Request): Promise<Static<typeof ServerBody>[]> {
    const { userId: actorId } = await this.callers.user(request);
    return unwrap(await this.bus.call(servers.list, { actorId })).servers.map(serverBody);
  }

  @Get(':id')
  @Operation({ summary: 'One server.', caller: 'user', status: 200, reply: ServerBody, errors: ['not_found'] })
  async get(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof ServerBody>> {
    return serverBody(unwrap(await this.bus.call(servers.get, await this.at(request, id))));
  }

  @Patch(':id')
  @Operation({
    summary: 'Change name or description. Owner only.',
    caller: 'user',
    status: 200,
    body: Changes,
    reply: ServerBody,
    errors: ['not_found', 'forbidden'],
  })
  async update(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof ServerBody>> {
    const at = await this.at(request, id);
    return serverBody(unwrap(await this.bus.call(servers.update, { ...at, ...parse(changes, request.body) })));
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Delete the server with its channels and messages. Owner only.',
    caller: 'user',
    status: 204,
    errors: ['not_found', 'forbidden'],
  })
  async delete(@Req() request: Request, @Param('id') id: string): Promise<void> {
    unwrap(await this.bus.call(servers.delete, await this.at(request, id)));
  }

  @Post(':id/join')
  @HttpCode(201)
  @Operation({
    summary: 'Become a member. Joining again changes nothing.',
    caller: 'user',
    status: 201,
    reply: ServerBody,
    errors: ['not_found', 'limit_exceeded'],
  })
  async join(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof ServerBody>> {
    return serverBody(unwrap(await this.bus.call(servers.join, await this.at(request, id))));
  }

  @Delete(':id/leave')
  @HttpCode(204)
  @Operation({
    summary: 'End the own membership. The owner cannot.',
    caller: 'user',
    status: 204,
    errors: ['not_found', 'conflict'],
  })
  async leave(@Req() request: Request, @Param('id') id: string): Promise<void> {
    unwrap(await this.bus.call(servers.leave, await this.at(request, id)));
  }

  @Get(':id/members')
  @Operation({
    summary: 'Members, in order of their id, and their status now; it is left out where it cannot be had.',
    caller: 'user',
    status: 200,
    query: Page,
    reply: MemberPage,
    errors: ['not_found'],
  })
  async members(
    @Req() request: Request,
    @Param('id') id: string,
    @Query('after') after: string | undefined,
    @Query('limit') limit: string | undefined,
  ): Promise<Static<typeof MemberPage>> {
    const at = await this.at(request, id);
    const wanted = parse(page, { ...(after === undefined ? {} : { after }), limit: numberOf(limit, 100) });
    const { members, more } = unwrap(
      await this.bus.call(servers.members, { ...at, ...wanted, limit: wanted.limit ?? 100 }),
    );
    const statuses = await statusesOf(
      this.bus,
      members.map(({ userId }) => userId),
    );
    return { members: members.map((member) => memberBody(member, statuses.get(member.userId))), more };
  }

  @Delete(':id/members/:user_id')
  @HttpCode(204)
  @Operation({
    summary: 'Kick a member. Owner only.',
    caller: 'user',
    status: 204,
    errors: ['not_found', 'forbidden', 'conflict'],
  })
  async kick(@Req() request: Request, @Param('id') id: string, @Param('user_id') user: string): Promise<void> {
    const at = await this.at(request, id);
    unwrap(await this.bus.call(servers.kick, { ...at, userId: idOf(userIdCheck, user) }));
  }

  @Put(':id/bans/:user_id')
  @HttpCode(204)
  @Operation({
    summary: 'Ban a user, which also ends the membership. Owner only.',
    caller: 'user',
    status: 204,
    errors: ['not_found', 'forbidden', 'conflict'],
  })
  async ban(@Req() request: Request, @Param('id') id: string, @Param('user_id') user: string): Promise<void> {
    const at = await this.at(request, id);
    unwrap(await this.bus.call(servers.ban, { ...at, userId: idOf(userIdCheck, user) }));
  }

  @Delete(':id/bans/:user_id')
  @HttpCode(204)
  @Operation({
    summary: 'Lift a ban. Owner only.',
    caller: 'user',
    status: 204,
    errors: ['not_found', 'forbidden'],
  })
  async unban(@Req() request: Request, @Param('id') id: string, @Param('user_id') user: string): Promise<void> {
    const at = await this.at(request, id);
    unwrap(await this.bus.call(servers.unban, { ...at, userId: idOf(userIdCheck, user) }));
  }

  private async at(request: Request, id: string): Promise<{ actorId: UserId; serverId: ServerId }> {
    const { userId } = await this.callers.user(request);
    return { actorId: userId, serverId: idOf(serverIdCheck, id) };
  }
}
