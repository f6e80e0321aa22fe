import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { Bus } from '@parley/bus';
import {
  compile,
  ConnectionStatus,
  HOST_TOKEN_PREFIX,
  MemberId,
  newSessionId,
  SessionId,
  sessions,
  type Authority,
  type PartyMember,
  type PartySession,
} from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { bearer, Callers } from './callers.js';
import { Operation } from './operation.js';
import { idOf, numberOf, parse, unwrap } from './rest-error.js';
import { BUS } from './tokens.js';

const sessionIdCheck = compile(SessionId);
const memberIdCheck = compile(MemberId);

const fields = sessions.create.request.properties;
const Creation = Type.Object({ name: fields.name, max_members: fields.maxMembers });
const creation = compile(Creation);
const Reason = Type.Object({ reason: sessions.close.request.properties.reason });
const reasonCheck = compile(Reason);
const Page = Type.Object({
  before: Type.Optional(SessionId),
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
});
const page = compile(Page);

const Uuid = Type.String({ format: 'uuid' });
const sessionFields = {
  id: Uuid,
  name: Type.String(),
  host_id: Uuid,
  max_members: Type.Integer(),
  member_count: Type.Integer(),
  created_at: Type.String({ format: 'date-time' }),
};
const SessionBody = Type.Object(sessionFields);
type SessionBody = Static<typeof SessionBody>;
const NewSessionBody = Type.Object({
  ...sessionFields,
  host_token: Type.String({ description: 'Makes its holder the host; shown this once.' }),
});
const MemberBody = Type.Object({
  id: Uuid,
  name: Type.String(),
  is_host: Type.Boolean(),
  connection_status: ConnectionStatus,
  joined_at: Type.String({ format: 'date-time' }),
  latency: Type.Optional(Type.Integer({ description: 'ms' })),
});
const SessionWithMembers = Type.Object({ ...sessionFields, members: Type.Array(MemberBody) });
const SessionList = Type.Object({ sessions: Type.Array(SessionBody), more: Type.Boolean() });

/** Parties: made and found here, joined over `/ws/party`. */
@Controller('sessions')
export class SessionsController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @Operation({
    summary: 'Make a session. With an access token it is that account’s, which can then close it too.',
    caller: 'anyone',
    status: 201,
    body: Creation,
    reply: NewSessionBody,
    errors: ['unauthenticated', 'limit_exceeded'],
  })
  async create(@Req() request: Request, @Body() body: unknown): Promise<Static<typeof NewSessionBody>> {
    const user = await this.callers.userIfAny(request);
    const { name, max_members: maxMembers } = parse(creation, body);
    const made = await this.bus.call(sessions.create, {
      sessionId: newSessionId(),
      name,
      address: this.callers.address(request),
      ...(user === undefined ? {} : { userId: user.userId }),
      ...(maxMembers === undefined ? {} : { maxMembers }),
    });
    const { session, hostToken } = unwrap(made);
    return { ...sessionBody(session), host_token: hostToken };
  }

  @Get()
  @Operation({
    summary: 'Open sessions, newest first.',
    caller: 'anyone',
    status: 200,
    query: Page,
    reply: SessionList,
  })
  async list(@Query('before') before?: string, @Query('limit') limit?: string): Promise<Static<typeof SessionList>> {
    const asked = parse(page, { ...(before === undefined ? {} : { before }), limit: numberOf(limit, 50) });
    const listed = unwrap(await this.bus.call(sessions.list, asked));
    return { sessions: listed.sessions.map(sessionBody), more: listed.more };
  }

  @Get(':id')
  @Operation({
    summary: 'One session and who is in it.',
    caller: 'anyone',
    status: 200,
    reply: SessionWithMembers,
    errors: ['not_found'],
  })
  async get(@Param('id') id: string): Promise<Static<typeof SessionWithMembers>> {
    const found = unwrap(await this.bus.call(sessions.get, { sessionId: idOf(sessionIdCheck, id) }));
    return { ...sessionBody(found.session), members: found.members.map(memberBody) };
  }

  @Delete(':id')
  @HttpCode(204)
  @Operation({
    summary: 'Close a session for all.',
    caller: 'host',
    status: 204,
    query: Reason,
    errors: ['not_found', 'forbidden'],
  })
  async close(@Req() request: Request, @Param('id') id: string, @Query('reason') reason?: string): Promise<void> {
    const authority = await this.authority(request);
    const wanted = { sessionId: idOf(sessionIdCheck, id), authority, ...reasonOf(reason) };
    unwrap(await this.bus.call(sessions.close, wanted));
  }

  @Delete(':id/members/:member_id')
  @HttpCode(204)
  @Operation({
    summary: 'Remove a member from a session.',
    caller: 'host',
    status: 204,
    query: Reason,
    errors: ['not_found', 'forbidden'],
  })
  async kick(
    @Req() request: Request,
    @Param('id') id: string,
    @Param('member_id') member: string,
    @Query('reason') reason?: string,
  ): Promise<void> {
    const authority = await this.authority(request);
    const ids = { sessionId: idOf(sessionIdCheck, id), memberId: idOf(memberIdCheck, member) };
    unwrap(await this.bus.call(sessions.kick, { ...ids, authority, ...reasonOf(reason) }));
  }

  /** The bearer is the session's host token, or an account's access token. */
  private async authority(request: Request): Promise<Authority> {
    const token = bearer(request);
    if (token.startsWith(HOST_TOKEN_PREFIX)) return { by: 'host-token', token };
    return { by: 'user', userId: (await this.callers.user(request)).userId };
  }
}

function reasonOf(reason: string | undefined): { reason?: string } {
  return parse(reasonCheck, reason === undefined ? {} : { reason });
}

function sessionBody(session: PartySession): SessionBody {
  return {
    id: session.id,
    name: session.name,
    host_id: session.hostId,
    max_members: session.maxMembers,
    member_count: session.memberCount,
    created_at: session.createdAt,
  };
}

function memberBody(member: PartyMember): Static<typeof MemberBody> {
  return {
    id: member.id,
    name: member.name,
    is_host: member.isHost,
    connection_status: member.connectionStatus,
    joined_at: new Date(member.joinedAt).toISOString(),
    ...(member.latency === undefined ? {} : { latency: member.latency }),
  };
}
