import { Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Req } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import { ChannelId, compile, IceServer, voice } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { VoiceBody, voiceBody } from './chat.bodies.js';
import { Operation } from './operation.js';
import { idOf, parse, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';

const channelIdCheck = compile(ChannelId);

/** Both spellings are taken; the document's own wins. */
const Settings = Type.Object({
  muted: Type.Optional(Type.Boolean()),
  deafened: Type.Optional(Type.Boolean()),
  self_mute: Type.Optional(Type.Boolean()),
  self_deaf: Type.Optional(Type.Boolean()),
});
const settings = compile(Settings);

const IceServers = Type.Object({ iceServers: Type.Array(IceServer), ttl: Type.Integer() });

/** Voice channels: who is in which, and what it takes to connect there. */
@Controller()
export class VoiceController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Post('channels/:id/voice')
  @Operation({
    summary: 'Join a voice channel, leaving another at once.',
    caller: 'user',
    status: 201,
    body: Settings,
    reply: VoiceBody,
    errors: ['not_found', 'limit_exceeded'],
  })
  async join(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof VoiceBody>> {
    const { userId, username } = await this.callers.user(request);
    const wanted = { userId, username, channelId: idOf(channelIdCheck, id), ...settingsOf(request.body ?? {}) };
    return voiceBody(unwrap(await this.bus.call(voice.join, wanted)));
  }

  @Patch('channels/:id/voice')
  @Operation({
    summary: 'Mute, deafen, or the reverse.',
    caller: 'user',
    status: 200,
    body: Settings,
    reply: VoiceBody,
    errors: ['not_found'],
  })
  async update(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof VoiceBody>> {
    const { userId } = await this.callers.user(request);
    const wanted = { userId, channelId: idOf(channelIdCheck, id), ...settingsOf(request.body) };
    return voiceBody(unwrap(await this.bus.call(voice.update, wanted)));
  }

  @Delete('channels/:id/voice')
  @HttpCode(204)
  @Operation({ summary: 'Leave the voice channel.', caller: 'user', status: 204, errors: ['not_found'] })
  async leave(@Req() request: Request, @Param('id') id: string): Promise<void> {
    const { userId } = await this.callers.user(request);
    unwrap(await this.bus.call(voice.leave, { userId, channelId: idOf(channelIdCheck, id) }));
  }

  @Get('channels/:id/voice')
  @Operation({
    summary: 'Who is in the voice channel, in order of joining.',
    caller: 'user',
    status: 200,
    reply: Type.Array(VoiceBody),
    errors: ['not_found', 'invalid'],
  })
  async list(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof VoiceBody>[]> {
    const { userId: actorId } = await this.callers.user(request);
    const found = await this.bus.call(voice.list, { actorId, channelId: idOf(channelIdCheck, id) });
    return unwrap(found).states.map(voiceBody);
  }

  @Get('ice-servers')
  @Operation({
    summary: 'STUN and TURN servers; TURN credentials are the caller’s own and live for `ttl` seconds.',
    caller: 'user',
    status: 200,
    reply: IceServers,
  })
  async iceServers(@Req() request: Request): Promise<Static<typeof IceServers>> {
    const { userId } = await this.callers.user(request);
    return unwrap(await this.bus.call(voice.iceServers, { userId }));
  }
}

function settingsOf(body: unknown): { muted?: boolean; deafened?: boolean } {
  const given = parse(settings, body);
  const muted = given.muted ?? given.self_mute;
  const deafened = given.deafened ?? given.self_deaf;
  return { ...(muted === undefined ? {} : { muted }), ...(deafened === undefined ? {} : { deafened }) };
}
