import { Controller, Get, Header, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { auth, compile, TopicGrants, type TokenGrant } from '@parley/contracts';
import type { Bus } from '@parley/bus';
import { Type, type Static } from '@sinclair/typebox';
import type { Request } from 'express';
import { Callers } from './callers.js';
import { parse, RestError, unwrap } from './rest-error.js';
import { Operation } from './operation.js';
import { BUS } from './tokens.js';
import { UserBody, userBody } from './user.body.js';

const Registration = Type.Object({
  username: auth.register.request.properties.username,
  password: auth.register.request.properties.password,
  email: Type.Optional(Type.Union([auth.register.request.properties.email, Type.Null()])),
  topics: Type.Optional(TopicGrants),
});
const Credentials = Type.Object({
  username: auth.login.request.properties.username,
  email: auth.login.request.properties.email,
  password: auth.login.request.properties.password,
  topics: Type.Optional(TopicGrants),
});
const Refreshing = Type.Object({ refresh_token: auth.refresh.request.properties.refreshToken });
const Keys = auth.keys.reply;
const registration = compile(Registration);
const credentials = compile(Credentials);
const refreshing = compile(Refreshing);

const GrantBody = Type.Object({
  access_token: Type.String(),
  refresh_token: Type.String(),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'seconds' }),
  user: UserBody,
});
type GrantBody = Static<typeof GrantBody>;

/** Accounts and tokens. */
@Controller()
export class AuthController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Callers) private readonly callers: Callers,
  ) {}

  @Post('auth/register')
  @Header('Cache-Control', 'no-store')
  @Operation({
    summary: 'Create an account and log in.',
    caller: 'anyone',
    status: 201,
    body: Registration,
    reply: GrantBody,
    errors: ['conflict', 'rate_limited'],
  })
  async register(@Req() request: Request): Promise<GrantBody> {
    const { username, password, email, topics } = parse(registration, request.body);
    const grant = await this.bus.call(auth.register, {
      username,
      password,
      address: this.callers.address(request),
      ...(email === undefined || email === null ? {} : { email }),
      ...(topics === undefined ? {} : { topics }),
    });
    return grantBody(unwrap(grant));
  }

  @Post('auth/login')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Operation({
    summary: 'Log in by username or email.',
    caller: 'anyone',
    status: 200,
    body: Credentials,
    reply: GrantBody,
    errors: ['unauthenticated', 'forbidden', 'rate_limited'],
  })
  async login(@Req() request: Request): Promise<GrantBody> {
    const { username, email, password, topics } = parse(credentials, request.body);
    if (username === undefined && email === undefined) {
      throw new RestError({ code: 'invalid', message: 'username or email is needed', field: 'username' });
    }
    const grant = await this.bus.call(auth.login, {
      password,
      address: this.callers.address(request),
      ...(username === undefined ? {} : { username }),
      ...(email === undefined ? {} : { email }),
      ...(topics === undefined ? {} : { topics }),
    });
    return grantBody(unwrap(grant));
  }

  @Post('auth/refresh')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Operation({
    summary: 'Exchange a refresh token for new tokens. Each works once.',
    caller: 'anyone',
    status: 200,
    body: Refreshing,
    reply: GrantBody,
    errors: ['unauthenticated', 'rate_limited'],
  })
  async refresh(@Req() request: Request): Promise<GrantBody> {
    const { refresh_token: refreshToken } = parse(refreshing, request.body);
    const grant = await this.bus.call(auth.refresh, { refreshToken, address: this.callers.address(request) });
    return grantBody(unwrap(grant));
  }

  /** Ends this login everywhere: its tokens, its sockets. */
  @Post('auth/logout')
  @HttpCode(204)
  @Operation({ summary: 'End this login everywhere.', caller: 'user', status: 204 })
  async logout(@Req() request: Request): Promise<void> {
    const { loginId } = await this.callers.user(request);
    unwrap(await this.bus.call(auth.logout, { loginId }));
  }

  @Get('.well-known/jwks.json')
  @Header('Cache-Control', 'public, max-age=60')
  @Operation({ summary: 'The keys that access tokens are signed with.', caller: 'anyone', status: 200, reply: Keys })
  async keys(): Promise<Static<typeof Keys>> {
    return unwrap(await this.bus.call(auth.keys, {}));
  }
}

function grantBody(grant: TokenGrant): GrantBody {
  return {
    access_token: grant.accessToken,
    refresh_token: grant.refreshToken,
    token_type: 'Bearer',
    expires_in: grant.expiresIn,
    user: userBody(grant.user),
  };
}
