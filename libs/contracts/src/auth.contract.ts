import { Type, type Static } from '@sinclair/typebox';
import { LoginId, TopicPattern, UserId } from './ids.js';
import { defineEvent } from './event.js';
import { defineRequest } from './request.js';

export const Username = Type.String({ pattern: '^[A-Za-z0-9_]{3,32}$' });
export const Password = Type.String({ minLength: 8, maxLength: 128 });
export const Email = Type.String({ maxLength: 254, pattern: '^[^@\\s]+@[^@\\s]+$' });

export const User = Type.Object({
  id: UserId,
  username: Username,
  email: Type.Union([Email, Type.Null()]),
  avatarUrl: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String({ description: 'ISO 8601' }),
});
export type User = Static<typeof User>;

/** Patterns that a login is confined to; an absent list confines nothing. A login can ask for less, never for more. */
export const TopicGrants = Type.Object(
  {
    publish: Type.Optional(Type.Array(TopicPattern, { maxItems: 64 })),
    subscribe: Type.Optional(Type.Array(TopicPattern, { maxItems: 64 })),
  },
  { additionalProperties: false },
);
export type TopicGrants = Static<typeof TopicGrants>;

/** Claims of an access token (RS256, 15 minutes). */
export const AccessClaims = Type.Object({
  iss: Type.Literal('parley'),
  aud: Type.Literal('parley'),
  sub: UserId,
  sid: LoginId,
  username: Username,
  iat: Type.Integer(),
  exp: Type.Integer(),
  topics: Type.Optional(TopicGrants),
});
export type AccessClaims = Static<typeof AccessClaims>;

export const TokenGrant = Type.Object({
  accessToken: Type.String(),
  refreshToken: Type.String(),
  expiresIn: Type.Integer({ description: 'seconds' }),
  user: User,
});
export type TokenGrant = Static<typeof TokenGrant>;

const Address = Type.String({ description: 'of the client, as the gateway sees it', maxLength: 64 });

export const PublicKey = Type.Object({
  kid: Type.String(),
  kty: Type.Literal('RSA'),
  alg: Type.Literal('RS256'),
  use: Type.Literal('sig'),
  n: Type.String(),
  e: Type.String(),
});
export type PublicKey = Static<typeof PublicKey>;

export const auth = {
  register: defineRequest('auth.register', {
    request: Type.Object({
      username: Username,
      email: Type.Optional(Email),
      password: Password,
      address: Address,
      topics: Type.Optional(TopicGrants),
    }),
    reply: TokenGrant,
    errors: ['conflict', 'rate_limited'],
    deadlineMs: 5_000,
  }),
  login: defineRequest('auth.login', {
    request: Type.Object({
      username: Type.Optional(Type.String({ maxLength: 254 })),
      email: Type.Optional(Type.String({ maxLength: 254 })),
      password: Type.String({ maxLength: 1_024 }),
      address: Address,
      topics: Type.Optional(TopicGrants),
    }),
    reply: TokenGrant,
    /** `forbidden`: the account is banned; only who knows its password learns it. */
    errors: ['unauthenticated', 'forbidden', 'rate_limited'],
    deadlineMs: 5_000,
  }),
  /** Rotates: each refresh token works once. A second use revokes the whole login. */
  refresh: defineRequest('auth.refresh', {
    request: Type.Object({ refreshToken: Type.String({ maxLength: 512 }), address: Address }),
    reply: TokenGrant,
    errors: ['unauthenticated', 'rate_limited'],
  }),
  logout: defineRequest('auth.logout', {
    request: Type.Object({ loginId: LoginId }),
    reply: Type.Object({}),
    errors: [],
  }),
  /** Revokes every login of the user. */
  revokeUser: defineRequest('auth.revoke-user', {
    request: Type.Object({ userId: UserId }),
    reply: Type.Object({ revoked: Type.Integer() }),
    errors: ['not_found'],
  }),
  /** Revokes every login of the user, and lets them make no other until the ban is lifted. */
  banUser: defineRequest('auth.ban-user', {
    request: Type.Object({ userId: UserId }),
    reply: Type.Object({ revoked: Type.Integer() }),
    errors: ['not_found'],
  }),
  unbanUser: defineRequest('auth.unban-user', {
    request: Type.Object({ userId: UserId }),
    reply: Type.Object({}),
    errors: ['not_found'],
  }),
  /** For those who let somebody in whom a user answers for, such as a device. No unknown user is banned. */
  isBanned: defineRequest('auth.is-banned', {
    request: Type.Object({ userId: UserId }),
    reply: Type.Object({ banned: Type.Boolean() }),
    errors: [],
  }),
  getUser: defineRequest('auth.get-user', {
    request: Type.Object({ userId: UserId }),
    reply: User,
    errors: ['not_found'],
  }),
  findUser: defineRequest('auth.find-user', {
    request: Type.Object({ username: Username }),
    reply: User,
    errors: ['not_found'],
  }),
  updateUser: defineRequest('auth.update-user', {
    request: Type.Object({
      userId: UserId,
      loginId: LoginId,
      username: Type.Optional(Username),
      email: Type.Optional(Type.Union([Email, Type.Null()])),
      avatarUrl: Type.Optional(Type.Union([Type.String({ maxLength: 2_048, pattern: '^https?://' }), Type.Null()])),
      /** A new password needs the current one and revokes every other login. */
      password: Type.Optional(Password),
      currentPassword: Type.Optional(Type.String({ maxLength: 1_024 })),
    }),
    reply: User,
    errors: ['not_found', 'conflict', 'forbidden', 'rate_limited'],
    deadlineMs: 5_000,
  }),
  /** Every key that can have signed a token still alive; the newest first. */
  keys: defineRequest('auth.keys', {
    request: Type.Object({}),
    reply: Type.Object({ keys: Type.Array(PublicKey) }),
    errors: [],
  }),
  /** Which of these logins are not valid any more (revoked, or unknown). Asked for every live socket every 5 minutes. */
  checkLogins: defineRequest('auth.check-logins', {
    request: Type.Object({ loginIds: Type.Array(LoginId, { maxItems: 1_000 }) }),
    reply: Type.Object({ invalid: Type.Array(LoginId) }),
    errors: [],
  }),
};

/** On `evt.auth.revoked`; every gateway listens always. */
export const loginsRevoked = defineEvent('auth', {
  channel: 'EVENTS',
  payload: Type.Object({
    type: Type.Literal('revoked'),
    userId: UserId,
    /** None for a user without logins who is thrown out (`revoked`): guests that they answer for go all the same. */
    loginIds: Type.Array(LoginId),
    reason: Type.Union([
      Type.Literal('logout'),
      Type.Literal('password_changed'),
      Type.Literal('refresh_token_reused'),
      Type.Literal('revoked'),
    ]),
  }),
});
export const LOGINS_REVOKED_ID = 'revoked';
