import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { compile, messaging, Notification, UserId } from '@parley/contracts';
import type { Bus } from '@parley/bus';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { Operation } from './operation.js';
import { parse, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';

const Sending = Type.Object({
  level: Notification.properties.level,
  title: Notification.properties.title,
  message: Notification.properties.message,
  actions: Type.Optional(Notification.properties.actions),
  user_id: Type.Optional(UserId),
});
const sending = compile(Sending);
const Sent = messaging.notify.reply;

/** System notifications, from servers to one user or to everyone who is connected. */
@Controller('notifications')
export class NotificationsController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Post()
  @HttpCode(201)
  @Operation({
    summary: 'Notify one user, or everyone who is connected.',
    caller: 'server',
    status: 201,
    body: Sending,
    reply: Sent,
    errors: ['not_found'],
  })
  async notify(@Req() request: Request): Promise<Static<typeof Sent>> {
    this.callers.server(request);
    const { user_id: userId, actions = [], level, title, message } = parse(sending, request.body);
    return unwrap(
      await this.bus.call(messaging.notify, {
        notification: { level, title, message, actions },
        ...(userId === undefined ? {} : { userId }),
      }),
    );
  }
}
