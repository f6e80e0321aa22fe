import {
  Controller,
  Get,
  Header,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
  type RawBodyRequest,
} from '@nestjs/common';
import { compile, MessageMetadata, messaging, Topic, topicMessage, type StoredTopicMessage } from '@parley/contracts';
import type { Bus } from '@parley/bus';
import { isDeeper, MAX_DEPTH, rawMember } from '@parley/dialects';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { Operation } from './operation.js';
import { numberOf, parse, RestError, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';

const topicCheck = compile(Topic);
const Publication = Type.Object({
  payload: Type.Unknown(),
  metadata: Type.Optional(MessageMetadata),
  /** The same id within two minutes is published once. */
  id: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
});
const publication = compile(Publication);
const Page = Type.Object({
  before: Type.Optional(Type.Integer({ minimum: 0 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
});
const page = compile(Page);

const Published = Type.Object({
  message_id: Type.String({ format: 'uuid' }),
  topic: Type.String(),
  sequence: Type.Integer(),
  sent_at: Type.Integer({ description: 'ms since 1970' }),
  recipients: Type.Integer(),
  duplicate: Type.Boolean(),
});
const Stored = Type.Object({
  message_id: Type.String({ format: 'uuid' }),
  sequence: Type.Integer(),
  sent_at: Type.Integer({ description: 'ms since 1970' }),
  from_user: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
  type: Type.String(),
  payload: Type.Unknown(),
  metadata: MessageMetadata,
});
const History = Type.Object({ topic: Type.String(), messages: Type.Array(Stored), more: Type.Boolean() });

const DEFAULT_LIMIT = 50;

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
  @Operation({
    summary: 'Publish to a topic.',
    caller: 'server',
    status: 201,
    body: Publication,
    reply: Published,
    errors: ['too_large'],
  })
  async publish(
    @Param('topic') name: string,
    @Req() request: RawBodyRequest<Request>,
  ): Promise<Static<typeof Published>> {
    this.callers.server(request);
    const topic = parse(topicCheck, name);
    const { metadata, id } = parse(publication, request.body);
    if (isDeeper(metadata, MAX_DEPTH)) {
      throw new RestError({ code: 'invalid', message: 'metadata: is nested too deeply', field: 'metadata' });
    }
    const body = request.rawBody === undefined ? undefined : rawMember(request.rawBody, ['payload']);
    // JSON in another character set, or no JSON at all.
    if (body === undefined) throw new RestError({ code: 'invalid', message: 'the body has to be JSON in UTF-8' });
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

  /** Newest last. `before`: only messages of a smaller sequence. */
  @Get()
  @Operation({
    summary: 'Kept messages of a topic, newest last.',
    caller: 'server',
    status: 200,
    query: Page,
    reply: History,
  })
  @Header('Content-Type', 'application/json; charset=utf-8')
  async history(
    @Param('topic') name: string,
    @Query('before') before: string | undefined,
    @Query('limit') limit: string | undefined,
    @Req() request: Request,
  ): Promise<string> {
    this.callers.server(request);
    const topic = parse(topicCheck, name);
    const wanted = parse(page, {
      limit: numberOf(limit, DEFAULT_LIMIT),
      ...(before === undefined ? {} : { before: Number(before) }),
    });
    const { messages, more } = unwrap(
      await this.bus.call(messaging.topicHistory, {
        actor: { type: 'server' },
        topic,
        ...wanted,
        limit: wanted.limit ?? DEFAULT_LIMIT,
      }),
    );
    return `{"topic":${JSON.stringify(topic)},"messages":[${messages.map(messageJson).join(',')}],"more":${String(more)}}`;
  }
}

/**
 * Payloads are JSON text already and are put in as they are: reading and writing them again would change numbers, and one
 * that is nested deeply enough could not be written at all.
 */
function messageJson(message: StoredTopicMessage): string {
  const head = JSON.stringify({
    message_id: message.messageId,
    sequence: message.sequence,
    sent_at: message.sentAt,
    from_user: message.from,
    type: message.format,
    metadata: message.metadata ?? {},
  });
  const payload = message.format === 'json' ? message.payload : JSON.stringify(message.payload);
  return `${head.slice(0, -1)},"payload":${payload}}`;
}
