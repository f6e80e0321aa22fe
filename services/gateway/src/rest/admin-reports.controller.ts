import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import { compile, gatewayReports, UserId } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { mergeTrails } from '../operator/merge-trails.js';
import { StatsBody, statsOf, TrailBody, trailEntryBody } from './admin-reports.bodies.js';
import { Callers } from './callers.js';
import { Operation } from './operation.js';
import { idOf, numberOf, parse } from './rest-error.js';
import { BUS } from './tokens.js';

const userIdCheck = compile(UserId);
const Limit = Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100 }) });
const limitCheck = compile(Limit);

/** What operators are told of the gateways, which each of them is asked for. */
@Controller('admin')
export class AdminReportsController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Get('users/:id/trail')
  @Operation({
    summary:
      'What happened lately to a user’s connections on all gateways, newest first: in memory there, bounded, gone with a gateway.',
    caller: 'server',
    status: 200,
    query: Limit,
    reply: TrailBody,
  })
  async trail(
    @Req() request: Request,
    @Param('id') id: string,
    @Query('limit') wanted?: string,
  ): Promise<Static<typeof TrailBody>> {
    this.callers.server(request);
    const userId = idOf(userIdCheck, id);
    const { limit } = parse(limitCheck, { limit: numberOf(wanted, 100) });
    const answers = await Promise.all(
      this.bus.gateways().map(async ({ gatewayId }) => {
        const answer = await this.bus.call(gatewayReports.trail, { gatewayId, userId, limit });
        return { gatewayId, entries: answer.ok ? answer.value.entries : undefined };
      }),
    );
    const merged = mergeTrails(answers.flatMap(({ entries }) => entries ?? []));
    return {
      entries: merged.slice(0, limit).map(trailEntryBody),
      unheard: answers.flatMap(({ gatewayId, entries }) => (entries === undefined ? [gatewayId] : [])),
    };
  }

  @Get('stats')
  @Operation({
    summary: 'Gateways, their connections, and what has gone through them since they started.',
    caller: 'server',
    status: 200,
    reply: StatsBody,
  })
  async stats(@Req() request: Request): Promise<Static<typeof StatsBody>> {
    this.callers.server(request);
    const gateways = await Promise.all(
      this.bus.gateways().map(async (info) => {
        const answer = await this.bus.call(gatewayReports.traffic, { gatewayId: info.gatewayId });
        return statsOf(info, answer.ok ? answer.value : undefined);
      }),
    );
    return { gateways, connections: gateways.reduce((sum, { connections }) => sum + connections, 0) };
  }
}
