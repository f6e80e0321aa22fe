import { Type, type Static } from '@sinclair/typebox';
import { v7 } from 'uuid';

/**
 * Ids become subject tokens, so each kind has a schema without dots, wildcards or spaces, and a brand that keeps
 * kinds apart at compile time. An id enters through its schema; nothing else makes one.
 */
declare const brand: unique symbol;
export type Branded<B extends string> = string & { readonly [brand]: B };

const uuidPattern = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';

function uuidOf<B extends string>(description: B) {
  return Type.Unsafe<Branded<B>>(Type.String({ pattern: uuidPattern, description }));
}

export const UserId = uuidOf('UserId');
export type UserId = Static<typeof UserId>;

/** One login: everything that descends from one password check. Tokens carry it as `sid`. */
export const LoginId = uuidOf('LoginId');
export type LoginId = Static<typeof LoginId>;

export const ConnectionId = uuidOf('ConnectionId');
export type ConnectionId = Static<typeof ConnectionId>;

/** One run of one gateway process; a restart is another gateway. */
export const GatewayId = uuidOf('GatewayId');
export type GatewayId = Static<typeof GatewayId>;

export const MessageId = uuidOf('MessageId');
export type MessageId = Static<typeof MessageId>;

/** A server in the sense of chat: a community with members and channels. */
export const ServerId = uuidOf('ServerId');
export type ServerId = Static<typeof ServerId>;

export const ChannelId = uuidOf('ChannelId');
export type ChannelId = Static<typeof ChannelId>;

/** A party: one host and its members. */
export const SessionId = uuidOf('SessionId');
export type SessionId = Static<typeof SessionId>;

/** A place in a session; it stays the member's through reconnects. */
export const MemberId = uuidOf('MemberId');
export type MemberId = Static<typeof MemberId>;

const uuid = new RegExp(uuidPattern);

export function isUuid(value: string): boolean {
  return uuid.test(value);
}

function freshId<B extends string>(): () => Branded<B> {
  const isBranded = (value: string): value is Branded<B> => uuid.test(value);
  return () => {
    const id = v7();
    if (!isBranded(id)) throw new Error('uuid library returned no uuid');
    return id;
  };
}

/** UUIDv7: ordered by time of making. */
export const newUserId = freshId<'UserId'>();
export const newLoginId = freshId<'LoginId'>();
export const newConnectionId = freshId<'ConnectionId'>();
export const newGatewayId = freshId<'GatewayId'>();
export const newMessageId = freshId<'MessageId'>();
export const newServerId = freshId<'ServerId'>();
export const newChannelId = freshId<'ChannelId'>();
export const newSessionId = freshId<'SessionId'>();
export const newMemberId = freshId<'MemberId'>();

/** 1 to 16 tokens of `[A-Za-z0-9_-]` joined by dots, 256 characters at most; a leading `$` marks the server's own. */
const topicTokens = '\\$?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+){0,15}';
export const Topic = Type.Unsafe<Branded<'Topic'>>(
  Type.String({ pattern: `^${topicTokens}$`, maxLength: 256, description: 'Topic' }),
);
export type Topic = Static<typeof Topic>;

/** A topic in which `*` stands for one token and a final `>` for one or more. */
const patternToken = '(\\*|\\$?[A-Za-z0-9_-]+)';
export const TopicPattern = Type.Unsafe<Branded<'TopicPattern'>>(
  Type.String({
    pattern: `^(>|${patternToken}(\\.(\\*|[A-Za-z0-9_-]+)){0,15}|${patternToken}(\\.(\\*|[A-Za-z0-9_-]+)){0,14}\\.>)$`,
    maxLength: 256,
    description: 'TopicPattern',
  }),
);
export type TopicPattern = Static<typeof TopicPattern>;

/** Which there are, libs/dialects knows; a new one needs nothing here. */
export const DialectName = Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$', description: 'DialectName' });
export type DialectName = Static<typeof DialectName>;
