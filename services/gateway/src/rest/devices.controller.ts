import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, Put, Query, Req } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import { compile, DeviceAuth, DeviceId, devices, UserId } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { DeviceBody, deviceBody, DeviceList, NewDeviceBody } from './device.bodies.js';
import { Operation } from './operation.js';
import { idOf, numberOf, parse, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';

const deviceIdCheck = compile(DeviceId);
const userIdCheck = compile(UserId);

const Registration = Type.Object({
  device_id: DeviceId,
  device_name: devices.register.request.properties.name,
  /** Default `key`. */
  auth: Type.Optional(DeviceAuth),
});
const registration = compile(Registration);
const Page = Type.Object({
  after: Type.Optional(DeviceId),
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
});
const page = compile(Page);

/** Devices that can be watched: registered and shared here, connected over `/ws/device`. */
@Controller('devices')
export class DevicesController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @Operation({
    summary:
      'Register a device of yours. Its key is in the answer, and never shown again; with `auth: "none"` it has none.',
    caller: 'user',
    status: 201,
    body: Registration,
    reply: NewDeviceBody,
    errors: ['conflict', 'limit_exceeded'],
  })
  async register(@Req() request: Request, @Body() body: unknown): Promise<Static<typeof NewDeviceBody>> {
    const { userId: actorId } = await this.callers.user(request);
    const { device_id: deviceId, device_name: name, auth = 'key' } = parse(registration, body);
    const { device, key } = unwrap(await this.bus.call(devices.register, { actorId, deviceId, name, auth }));
    return { ...deviceBody(device), key };
  }

  @Get()
  @Operation({
    summary: 'Devices that are yours or shared with you, in order of id; `after` is the last one of the page before.',
    caller: 'user',
    status: 200,
    query: Page,
    reply: DeviceList,
  })
  async list(
    @Req() request: Request,
    @Query('after') after?: string,
    @Query('limit') limit?: string,
  ): Promise<Static<typeof DeviceList>> {
    const { userId: actorId } = await this.callers.user(request);
    const asked = parse(page, { ...(after === undefined ? {} : { after }), limit: numberOf(limit, 50) });
    const listed = unwrap(await this.bus.call(devices.list, { actorId, ...asked }));
    return { devices: listed.devices.map(deviceBody), more: listed.more };
  }

  @Get(':id')
  @Operation({
    summary: 'One device: whether it is online, and what it last said of itself.',
    caller: 'user',
    status: 200,
    reply: DeviceBody,
    errors: ['not_found'],
  })
  async get(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof DeviceBody>> {
    return deviceBody(unwrap(await this.bus.call(devices.get, await this.at(request, id))));
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Delete a device of yours: its sessions end, its connection is closed.',
    caller: 'user',
    status: 204,
    errors: ['not_found', 'forbidden'],
  })
  async delete(@Req() request: Request, @Param('id') id: string): Promise<void> {
    unwrap(await this.bus.call(devices.delete, await this.at(request, id)));
  }

  @Put(':id/viewers/:user_id')
  @HttpCode(204)
  @Operation({
    summary: 'Let a user watch a device of yours.',
    caller: 'user',
    status: 204,
    errors: ['not_found', 'forbidden', 'limit_exceeded'],
  })
  async share(@Req() request: Request, @Param('id') id: string, @Param('user_id') user: string): Promise<void> {
    const at = await this.at(request, id);
    unwrap(await this.bus.call(devices.share, { ...at, userId: idOf(userIdCheck, user) }));
  }

  @Delete(':id/viewers/:user_id')
  @HttpCode(204)
  @Operation({
    summary: 'A user may not watch it any more, and stops now. Also for users to give back what was shared with them.',
    caller: 'user',
    status: 204,
    errors: ['not_found', 'forbidden'],
  })
  async unshare(@Req() request: Request, @Param('id') id: string, @Param('user_id') user: string): Promise<void> {
    const at = await this.at(request, id);
    unwrap(await this.bus.call(devices.unshare, { ...at, userId: idOf(userIdCheck, user) }));
  }

  private async at(request: Request, id: string): Promise<{ actorId: UserId; deviceId: DeviceId }> {
    const { userId } = await this.callers.user(request);
    return { actorId: userId, deviceId: idOf(deviceIdCheck, id) };
  }
}
