import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, Req } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import { compile, DocumentType, RoomId, RoomRole, rooms, UserId } from '@parley/contracts';
import { isDeeper } from '@parley/dialects';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { randomUUID } from 'node:crypto';
import { Callers } from './callers.js';
import { Operation } from './operation.js';
import { idOf, numberOf, parse, RestError, unwrap } from './rest-error.js';
import { OperationsBody, operationBody, RoomBody, roomBody, RoomSummaryBody, summaryBody } from './room.bodies.js';
import { BUS } from './tokens.js';

const roomIdCheck = compile(RoomId);
const userIdCheck = compile(UserId);

const Creation = Type.Object({
  id: Type.Optional(RoomId),
  type: DocumentType,
  /** That an operation of its own could make: a text, a JSON value, a list of inserts. */
  content: Type.Unknown(),
  public: Type.Optional(Type.Boolean()),
});
const Page = Type.Object({
  before: Type.Optional(RoomId),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
});
const Since = Type.Object({
  since: Type.Optional(Type.Integer({ minimum: 0 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
});
const Membership = Type.Object({ role: RoomRole });
const creation = compile(Creation);
const page = compile(Page);
const sinceCheck = compile(Since);
const membership = compile(Membership);

/** Levels of a document's content. */
const CONTENT_DEPTH = 100;
const DEFAULT_LIMIT = 50;
const DEFAULT_OPERATIONS = 100;

/** Rooms of collab, each of which is one document, with their members and their logs. */
@Controller('rooms')
export class RoomsController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Post()
  @Operation({
    summary: 'Create a room with its document. Anyone may join a public one as an editor.',
    caller: 'user',
    status: 201,
    body: Creation,
    reply: RoomSummaryBody,
    errors: ['conflict', 'limit_exceeded', 'too_large'],
  })
  async create(@Req() request: Request): Promise<Static<typeof RoomSummaryBody>> {
    const { userId: actorId } = await this.callers.user(request);
    const { id, type, content, public: isPublic = false } = parse(creation, request.body);
    if (isDeeper(content, CONTENT_DEPTH)) {
      throw new RestError({ code: 'invalid', message: 'content: is nested too deeply', field: 'content' });
    }
    const roomId = id ?? idOf(roomIdCheck, randomUUID());
    const body = Buffer.from(JSON.stringify(content));
    const made = await this.bus.call(rooms.create, { actorId, roomId, type, public: isPublic }, { body });
    return summaryBody(unwrap(made));
  }

  @Get()
  @Operation({
    summary: 'Rooms that you have a role in, newest membership first; `before` is the last one of the page before.',
    caller: 'user',
    status: 200,
    query: Page,
    reply: Type.Array(RoomSummaryBody),
  })
  async list(
    @Req() request: Request,
    @Query('before') before: string | undefined,
    @Query('limit') limit: string | undefined,
  ): Promise<Static<typeof RoomSummaryBody>[]> {
    const { userId: actorId } = await this.callers.user(request);
    const wanted = parse(page, { ...(before === undefined ? {} : { before }), limit: numberOf(limit, DEFAULT_LIMIT) });
    const found = await this.bus.call(rooms.list, { actorId, ...wanted, limit: wanted.limit ?? DEFAULT_LIMIT });
    return unwrap(found).rooms.map(summaryBody);
  }

  @Get(':id')
  @Operation({
    summary: 'The document as it is now. `checksum` is the SHA-256 of its canonical JSON (RFC 8785).',
    caller: 'user',
    status: 200,
    reply: RoomBody,
    errors: ['not_found'],
  })
  async get(@Req() request: Request, @Param('id') id: string): Promise<Static<typeof RoomBody>> {
    const at = await this.at(request, id);
    const room = unwrap(await this.bus.call(rooms.get, at));
    const { content } = room;
    let text = content.kind === 'whole' ? content.text : '';
    for (let piece = 0; content.kind === 'pieces' && piece < content.count; piece++) {
      text += unwrap(await this.bus.call(rooms.content, { ...at, version: room.version, piece })).text;
    }
    return roomBody(room, text);
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Delete the room with its document. Owners only.',
    caller: 'user',
    status: 204,
    errors: ['not_found', 'forbidden'],
  })
  async delete(@Req() request: Request, @Param('id') id: string): Promise<void> {
    unwrap(await this.bus.call(rooms.delete, await this.at(request, id)));
  }

  @Put(':id/members/:user_id')
  @HttpCode(204)
  @Operation({
    summary: 'Give a user a role, at once on open connections too. Owners only; the last owner stays one.',
    caller: 'user',
    status: 204,
    body: Membership,
    errors: ['not_found', 'forbidden', 'conflict', 'limit_exceeded'],
  })
  async setMember(@Req() request: Request, @Param('id') id: string, @Param('user_id') user: string): Promise<void> {
    const at = await this.at(request, id);
    const { role } = parse(membership, request.body);
    unwrap(await this.bus.call(rooms.setMember, { ...at, userId: idOf(userIdCheck, user), role }));
  }

  @Delete(':id/members/:user_id')
  @HttpCode(204)
  @Operation({
    summary: 'Remove a user, or leave. Whom an owner removes from a public room may not come back by themself.',
    caller: 'user',
    status: 204,
    errors: ['not_found', 'forbidden', 'conflict', 'limit_exceeded'],
  })
  async removeMember(@Req() request: Request, @Param('id') id: string, @Param('user_id') user: string): Promise<void> {
    const at = await this.at(request, id);
    unwrap(await this.bus.call(rooms.removeMember, { ...at, userId: idOf(userIdCheck, user) }));
  }

  @Get(':id/operations')
  @Operation({
    summary:
      'Operations after version `since`, oldest first. 404 also when the log does not reach so far back any more.',
    caller: 'user',
    status: 200,
    query: Since,
    reply: OperationsBody,
    errors: ['not_found'],
  })
  async operations(
    @Req() request: Request,
    @Param('id') id: string,
    @Query('since') since: string | undefined,
    @Query('limit') limit: string | undefined,
  ): Promise<Static<typeof OperationsBody>> {
    const at = await this.at(request, id);
    const wanted = parse(sinceCheck, { since: numberOf(since, 0), limit: numberOf(limit, DEFAULT_OPERATIONS) });
    const found = unwrap(
      await this.bus.call(rooms.operations, {
        ...at,
        since: wanted.since ?? 0,
        limit: wanted.limit ?? DEFAULT_OPERATIONS,
      }),
    );
    if (found.result === 'too_old') {
      const message = `The log begins after version ${String(found.oldest)}.`;
      throw new RestError({ code: 'not_found', message, field: 'since' });
    }
    return { version: found.version, more: found.more, operations: found.operations.map(operationBody) };
  }

  private async at(request: Request, id: string): Promise<{ actorId: UserId; roomId: RoomId }> {
    const { userId } = await this.callers.user(request);
    return { actorId: userId, roomId: idOf(roomIdCheck, id) };
  }
}
