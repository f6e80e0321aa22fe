import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import { auth, compile, UserId, Username } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { Operation } from './operation.js';
import { idOf, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';

const userIdCheck = compile(UserId);
const usernameCheck = compile(Username);

const PersonBody = Type.Object({
  id: Type.String({ format: 'uuid' }),
  username: Type.String(),
  avatar_url: Type.Union([Type.String(), Type.Null()]),
});

/** Other people's accounts: as much as everybody may know. */
@Controller('users')
export class PeopleController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  /** No username looks like an id: those have dashes. */
  @Get(':id')
  @Operation({
    summary: 'A user, by id or by username.',
    caller: 'user',
    status: 200,
    reply: PersonBody,
    errors: ['not_found'],
  })
  async get(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof PersonBody>> {
    await this.callers.user(request);
    const found = usernameCheck.is(id)
      ? await this.bus.call(auth.findUser, { username: id })
      : await this.bus.call(auth.getUser, { userId: idOf(userIdCheck, id) });
    const user = unwrap(found);
    return { id: user.id, username: user.username, avatar_url: user.avatarUrl };
  }
}
