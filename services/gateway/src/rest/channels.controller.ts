import { Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import { ChannelId, channels, compile, ServerId, UserId } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { ChannelBody, channelBody } from './chat.bodies.js';
import { Operation } from './operation.js';
import { idOf, parse, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';

const serverIdCheck = compile(ServerId);
const channelIdCheck = compile(ChannelId);

const fields = channels.create.request.properties;
const Creation = Type.Object({ name: fields.name, type: fields.type, topic: fields.topic });
const Changes = Type.Object({
  name: Type.Optional(fields.name),
  topic: fields.topic,
  position: channels.update.request.properties.position,
});
const creation = compile(Creation);
const changes = compile(Changes);

/** Channels of a server. Members see them, the owner changes them. */
@Controller('servers/:id/channels')
export class ChannelsController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Post()
  @Operation({
    summary: 'Create a channel. Owner only.',
    caller: 'user',
    status: 201,
    body: Creation,
    reply: ChannelBody,
    errors: ['not_found', 'forbidden', 'limit_exceeded'],
  })
  async create(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof ChannelBody>> {
    const at = await this.at(request, id);
    return channelBody(unwrap(await this.bus.call(channels.create, { ...at, ...parse(creation, request.body) })));
  }

  @Get()
  @Operation({
    summary: 'Channels, in order of position.',
    caller: 'user',
    status: 200,
    reply: Type.Array(ChannelBody),
    errors: ['not_found'],
  })
  async list(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof ChannelBody>[]> {
    return unwrap(await this.bus.call(channels.list, await this.at(request, id))).channels.map(channelBody);
  }

  @Get(':channel_id')
  @Operation({ summary: 'One channel.', caller: 'user', status: 200, reply: ChannelBody, errors: ['not_found'] })
  async get(
    @Req() request: Request,
    @Param('id') id: string,
    @Param('channel_id') channel: string,
  ): Promise<Static<typeof ChannelBody>> {
    return channelBody(unwrap(await this.bus.call(channels.get, await this.in(request, id, channel))));
  }

  @Patch(':channel_id')
  @Operation({
    summary: 'Change name, topic or position. Owner only.',
    caller: 'user',
    status: 200,
    body: Changes,
    reply: ChannelBody,
    errors: ['not_found', 'forbidden'],
  })
  async update(
    @Req() request: Request,
    @Param('id') id: string,
    @Param('channel_id') channel: string,
  ): Promise<Static<typeof ChannelBody>> {
    const at = await this.in(request, id, channel);
    return channelBody(unwrap(await this.bus.call(channels.update, { ...at, ...parse(changes, request.body) })));
  }

  @Delete(':channel_id')
  @HttpCode(204)
  @Operation({
    summary: 'Delete the channel with its messages. Owner only.',
    caller: 'user',
    status: 204,
    errors: ['not_found', 'forbidden'],
  })
  async delete(@Req() request: Request, @Param('id') id: string, @Param('channel_id') channel: string): Promise<void> {
    unwrap(await this.bus.call(channels.delete, await this.in(request, id, channel)));
  }

  private async at(request: Request, id: string): Promise<{ actorId: UserId; serverId: ServerId }> {
    const { userId } = await this.callers.user(request);
    return { actorId: userId, serverId: idOf(serverIdCheck, id) };
  }

  private async in(request: Request, id: string, channel: string) {
    return { ...(await this.at(request, id)), channelId: idOf(channelIdCheck, channel) };
  }
}
