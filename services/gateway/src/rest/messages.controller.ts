import { Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, Req } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import { ChannelId, compile, MessageId, messages, type UserId } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { MessageBody, messageBody } from './chat.bodies.js';
import { Operation } from './operation.js';
import { idOf, numberOf, parse, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';

const channelIdCheck = compile(ChannelId);
const messageIdCheck = compile(MessageId);

const { content } = messages.post.request.properties;
const Posting = Type.Object({ content, reply_to: Type.Optional(Type.Union([MessageId, Type.Null()])) });
const Edit = Type.Object({ content });
const Page = Type.Object({
  before: Type.Optional(MessageId),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
});
const posting = compile(Posting);
const edit = compile(Edit);
const page = compile(Page);

const DEFAULT_LIMIT = 50;

/** Messages of a channel. */
@Controller()
export class MessagesController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Post('channels/:id/messages')
  @Operation({
    summary: 'Post a message. It is stored and on its way to the members when this answers.',
    caller: 'user',
    status: 201,
    body: Posting,
    reply: MessageBody,
    errors: ['not_found'],
  })
  async post(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof MessageBody>> {
    const { userId: actorId } = await this.callers.user(request);
    const channelId = idOf(channelIdCheck, id);
    const { content: text, reply_to: replyTo } = parse(posting, request.body);
    const reply = replyTo === undefined || replyTo === null ? {} : { replyTo };
    return messageBody(unwrap(await this.bus.call(messages.post, { actorId, channelId, content: text, ...reply })));
  }

  @Get('channels/:id/messages')
  @Operation({
    summary: 'Messages, newest first; `before` is the last one of the page before.',
    caller: 'user',
    status: 200,
    query: Page,
    reply: Type.Array(MessageBody),
    errors: ['not_found'],
  })
  async list(
    @Req() request: Request,
    @Param('id') id: string,
    @Query('before') before: string | undefined,
    @Query('limit') limit: string | undefined,
  ): Promise<Static<typeof MessageBody>[]> {
    const { userId: actorId } = await this.callers.user(request);
    const channelId = idOf(channelIdCheck, id);
    const wanted = parse(page, { ...(before === undefined ? {} : { before }), limit: numberOf(limit, DEFAULT_LIMIT) });
    const found = await this.bus.call(messages.list, {
      actorId,
      channelId,
      ...wanted,
      limit: wanted.limit ?? DEFAULT_LIMIT,
    });
    return unwrap(found).messages.map(messageBody);
  }

  @Patch('messages/:id')
  @Operation({
    summary: 'Edit an own message.',
    caller: 'user',
    status: 200,
    body: Edit,
    reply: MessageBody,
    errors: ['not_found', 'forbidden'],
  })
  async edit(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof MessageBody>> {
    const at = await this.at(request, id);
    return messageBody(unwrap(await this.bus.call(messages.edit, { ...at, ...parse(edit, request.body) })));
  }

  @Delete('messages/:id')
  @HttpCode(204)
  @Operation({
    summary: 'Delete a message: the author or the server’s owner.',
    caller: 'user',
    status: 204,
    errors: ['not_found', 'forbidden'],
  })
  async delete(@Req() request: Request, @Param('id') id: string): Promise<void> {
    unwrap(await this.bus.call(messages.delete, await this.at(request, id)));
  }

  /** Where the message is decides which shard is asked. */
  private async at(
    request: Request,
    id: string,
  ): Promise<{ actorId: UserId; channelId: ChannelId; messageId: MessageId }> {
    const { userId: actorId } = await this.callers.user(request);
    const messageId = idOf(messageIdCheck, id);
    const { channelId } = unwrap(await this.bus.call(messages.locate, { actorId, messageId }));
    return { actorId, channelId, messageId };
  }
}
