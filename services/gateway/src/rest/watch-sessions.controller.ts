import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import { compile, DeviceId, watch, WatchSessionId } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { WatchSessionList, watchSessionBody } from './device.bodies.js';
import { Operation } from './operation.js';
import { numberOf, parse, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';

const Page = Type.Object({
  device_id: Type.Optional(DeviceId),
  before: Type.Optional(WatchSessionId),
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
});
const page = compile(Page);

/** Who watches, or watched, which device. */
@Controller('watch-sessions')
export class WatchSessionsController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Get()
  @Operation({
    summary: 'Sessions in which you watch or watched, and those of your devices, newest first.',
    caller: 'user',
    status: 200,
    query: Page,
    reply: WatchSessionList,
  })
  async list(
    @Req() request: Request,
    @Query('device_id') device?: string,
    @Query('before') before?: string,
    @Query('limit') limit?: string,
  ): Promise<Static<typeof WatchSessionList>> {
    const { userId: actorId } = await this.callers.user(request);
    const asked = parse(page, {
      ...(device === undefined ? {} : { device_id: device }),
      ...(before === undefined ? {} : { before }),
      limit: numberOf(limit, 50),
    });
    const { device_id: deviceId, ...rest } = asked;
    const query = { actorId, ...rest, ...(deviceId === undefined ? {} : { deviceId }) };
    const listed = unwrap(await this.bus.call(watch.list, query));
    return { sessions: listed.sessions.map(watchSessionBody), more: listed.more };
  }
}
