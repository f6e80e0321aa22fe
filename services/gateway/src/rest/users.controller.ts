import { Controller, Get, Inject, Patch, Req } from '@nestjs/common';
import { auth, compile } from '@parley/contracts';
import type { Bus } from '@parley/bus';
import { Type } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { parse, unwrap } from './rest-error.js';
import { Operation } from './operation.js';
import { BUS } from './tokens.js';
import { UserBody, userBody } from './user.body.js';

const fields = auth.updateUser.request.properties;
const Changes = Type.Object(
  {
    username: fields.username,
    email: fields.email,
    avatar_url: fields.avatarUrl,
    password: fields.password,
    current_password: fields.currentPassword,
  },
  { additionalProperties: false },
);
const changes = compile(Changes);

/** The caller's own account. */
@Controller('users/@me')
export class UsersController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Get()
  @Operation({ summary: 'The caller.', caller: 'user', status: 200, reply: UserBody })
  async me(@Req() request: Request): Promise<UserBody> {
    const { userId } = await this.callers.user(request);
    return userBody(unwrap(await this.bus.call(auth.getUser, { userId })));
  }

  /** A new password needs the current one, and ends every other login of the user. */
  @Patch()
  @Operation({
    summary: 'Change the own account. A new password needs the current one and ends all other logins.',
    caller: 'user',
    status: 200,
    body: Changes,
    reply: UserBody,
    errors: ['conflict', 'forbidden', 'rate_limited'],
  })
  async change(@Req() request: Request): Promise<UserBody> {
    const { userId, loginId } = await this.callers.user(request);
    const { avatar_url: avatarUrl, current_password: currentPassword, ...rest } = parse(changes, request.body);
    const user = await this.bus.call(auth.updateUser, {
      userId,
      loginId,
      ...rest,
      ...(avatarUrl === undefined ? {} : { avatarUrl }),
      ...(currentPassword === undefined ? {} : { currentPassword }),
    });
    return userBody(unwrap(user));
  }
}
