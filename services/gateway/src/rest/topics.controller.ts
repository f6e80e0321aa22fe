import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req, type RawBodyRequest } from '@nestjs/common';
import { compile, MessageMetadata, messaging, Topic, topicMessage, type StoredTopicMessage } from '@parley/contracts';
import type { Bus } from '@parley/bus';
import { rawMember } from '@parley/dialects';
import { Type } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { parse, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';

const topicCheck = compile(Topic);
const publication = compile(
  Type.Object({
    payload: Type.Unknown(),
    metadata: Type.Optional(MessageMetadata),
    /** The same id within two minutes is published once. */
    id: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  }),
);
const page = compile(
  Type.Object({
    before: Type.Optional(Type.Integer({ minimum: 0 })),
    limit: Type.Integer({ minimum: 1, maximum: 100 }),
  }),
);

/** Publishing to topics and reading them, for servers. */
@Controller('topics/:topic/messages')
export class TopicsController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  /** Answers once the message is stored and the gateways have said how many connections they wrote it to. */
  @Post()
  @HttpCode(201)
  async publish(@Param('topic') name: string, @Req() request: RawBodyRequest<Request>): Promise<object> {
    this.callers.server(request);
    const topic = parse(topicCheck, name);
    const { metadata, id } = parse(publication, request.body);
    const body = rawMember(request.rawBody ?? Buffer.from('{}'), ['payload']) ?? Buffer.from('null');
    const receipts = this.bus.receipts(topicMessage.subject(topic));
    const published = await this.bus.call(
      messaging.publishTopic,
      {
        actor: { type: 'server' },
        topic,
        format: 'json',
        receiptsTo: receipts.subject,
        ...(metadata === undefined ? {} : { metadata }),
        ...(id === undefined ? {} : { idempotencyKey: `server:${topic}:${id}` }),
      },
      { body },
    );
    if (!published.ok || published.value.duplicate) receipts.cancel();
    const { messageId, sequence, sentAt, duplicate } = unwrap(published);
    const recipients = duplicate ? 0 : (await receipts.settled()).count;
    return { message_id: messageId, topic, sequence, sent_at: sentAt, recipients, duplicate };
  }

  /** Newest last. `before` is the `next_before` of the page after it. */
  @Get()
  async history(
    @Param('topic') name: string,
    @Query('before') before: string | undefined,
    @Query('limit') limit: string | undefined,
    @Req() request: Request,
  ): Promise<object> {
    this.callers.server(request);
    const topic = parse(topicCheck, name);
    const wanted = parse(page, {
      limit: Number(limit ?? 50),
      ...(before === undefined ? {} : { before: Number(before) }),
    });
    const { messages, more } = unwrap(
      await this.bus.call(messaging.topicHistory, { actor: { type: 'server' }, topic, ...wanted }),
    );
    return { topic, messages: messages.map(messageBody), more };
  }
}

function messageBody(message: StoredTopicMessage): object {
  const payload: unknown = message.format === 'json' ? JSON.parse(message.payload) : message.payload;
  return {
    message_id: message.messageId,
    sequence: message.sequence,
    sent_at: message.sentAt,
    from_user: message.from,
    type: message.format,
    payload,
    metadata: message.metadata ?? {},
  };
}
