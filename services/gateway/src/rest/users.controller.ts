import { Controller, Get, Inject, Patch, Req } from '@nestjs/common';
import { auth, compile } from '@parley/contracts';
import type { Bus } from '@parley/bus';
import { Type } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { parse, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';
import { userBody, type UserBody } from './user.body.js';

const fields = auth.updateUser.request.properties;
const changes = compile(
  Type.Object(
    {
      username: fields.username,
      email: fields.email,
      avatar_url: fields.avatarUrl,
      password: fields.password,
      current_password: fields.currentPassword,
    },
    { additionalProperties: false },
  ),
);

/** The caller's own account. */
@Controller('users/@me')
export class UsersController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Get()
  async me(@Req() request: Request): Promise<UserBody> {
    const { userId } = await this.callers.user(request);
    return userBody(unwrap(await this.bus.call(auth.getUser, { userId })));
  }

  /** A new password needs the current one, and ends every other login of the user. */
  @Patch()
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
