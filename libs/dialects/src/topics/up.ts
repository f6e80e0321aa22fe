import { Topic, TopicPattern } from '@parley/contracts';
import { Type, type Static, type TSchema } from '@sinclair/typebox';

/** What clients send. Unknown fields are ignored everywhere, so that newer clients can talk to older servers. */
export const MAX_ID_LENGTH = 256;
export const MAX_TOPICS_PER_MESSAGE = 1_000;
export const MAX_BATCH = 100;
export const MAX_HISTORY = 100;

export const BinaryType = Type.Union([
  Type.Literal('broadcast'),
  Type.Literal('direct_message'),
  Type.Literal('file_transfer'),
  Type.Literal('stream_data'),
]);
export type BinaryType = Static<typeof BinaryType>;

export const Metadata = Type.Record(Type.String(), Type.Unknown());

const Ttl = Type.Number({ minimum: 0, description: 'seconds that a direct message may wait' });
const TargetUser = Type.String({ minLength: 1, maxLength: 254, description: 'user id; extension: username' });

function message<N extends string, D extends TSchema>(type: N, data: D) {
  return messageWith(type, data, Metadata);
}

function messageWith<N extends string, D extends TSchema, M extends TSchema>(type: N, data: D, metadata: M) {
  return Type.Object({
    type: Type.Literal(type),
    data,
    id: Type.Optional(Type.String({ maxLength: MAX_ID_LENGTH })),
    timestamp: Type.Optional(Type.Number({ description: 'ms since 1970, of the client' })),
    metadata: Type.Optional(metadata),
  });
}

export const Ping = message('Ping', Type.Object({ timestamp: Type.Number() }));
export const Pong = message('Pong', Type.Unknown());

export const Subscribe = message(
  'Subscribe',
  Type.Object({
    topics: Type.Array(TopicPattern, { minItems: 1, maxItems: MAX_TOPICS_PER_MESSAGE }),
    /** Extension: the last sequence seen, by entry of `topics`. */
    recover: Type.Optional(Type.Record(Type.String(), Type.Integer({ minimum: 0 }))),
  }),
);

export const Unsubscribe = message(
  'Unsubscribe',
  Type.Object({ topics: Type.Array(TopicPattern, { minItems: 1, maxItems: MAX_TOPICS_PER_MESSAGE }) }),
);

export const Broadcast = message('Broadcast', Type.Object({ topic: Topic, payload: Type.Unknown() }));

export const DirectMessage = messageWith(
  'DirectMessage',
  Type.Object({ target_user: TargetUser, payload: Type.Unknown() }),
  Type.Intersect([Metadata, Type.Object({ ttl: Type.Optional(Ttl) })]),
);

/** `away` and `busy` are what other clients call `idle` and `dnd`. */
export const ClientStatus = Type.Union([
  Type.Literal('online'),
  Type.Literal('idle'),
  Type.Literal('dnd'),
  Type.Literal('offline'),
  Type.Literal('away'),
  Type.Literal('busy'),
]);

export const Presence = message('Presence', Type.Object({ status: ClientStatus, metadata: Type.Optional(Metadata) }));

/** Extension: a page of a topic's past. */
export const History = message(
  'History',
  Type.Object({
    topic: Topic,
    before: Type.Optional(Type.Integer({ minimum: 0, description: 'only messages with a smaller sequence' })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_HISTORY })),
  }),
);

/** Extension: a fresh token for the same user. */
export const Auth = message('Auth', Type.Object({ token: Type.String({ minLength: 1, maxLength: 8_192 }) }));

/** Extension: where binary frames of this type go; with neither topic nor user the route is removed. */
export const BinaryRoute = message(
  'BinaryRoute',
  Type.Object({
    type: BinaryType,
    topic: Type.Optional(Topic),
    target_user: Type.Optional(TargetUser),
    name: Type.Optional(Type.String({ maxLength: 255 })),
  }),
);

/** Extension. Items are checked one by one, so that a bad one does not spoil the others. */
export const Batch = message(
  'Batch',
  Type.Object({ messages: Type.Array(Type.Unknown(), { minItems: 1, maxItems: MAX_BATCH }) }),
);

/** `X-…`: the name is the type, the data is between the client and the backend that serves it. */
export const Extension = Type.Object({
  type: Type.String({ pattern: '^X-[A-Za-z0-9_-]{1,64}$' }),
  data: Type.Unknown(),
  id: Type.Optional(Type.String({ maxLength: MAX_ID_LENGTH })),
  timestamp: Type.Optional(Type.Number()),
  metadata: Type.Optional(Metadata),
});

/** Every message but `X-…`, by its type. */
export const up = {
  Ping,
  Pong,
  Subscribe,
  Unsubscribe,
  Broadcast,
  DirectMessage,
  Presence,
  History,
  Auth,
  BinaryRoute,
  Batch,
} as const;
export type UpType = keyof typeof up;

/** `payload` is byte for byte as the client wrote it. */
export interface UpBroadcast {
  readonly type: 'Broadcast';
  readonly id: string | undefined;
  readonly topic: Topic;
  readonly payload: Uint8Array;
  readonly metadata: Static<typeof Metadata> | undefined;
}

export interface UpDirectMessage {
  readonly type: 'DirectMessage';
  readonly id: string | undefined;
  readonly targetUser: string;
  readonly payload: Uint8Array;
  readonly metadata: Static<typeof Metadata> | undefined;
  /** Seconds. */
  readonly ttl: number | undefined;
}

export type UpSubscribe = Static<typeof Subscribe>;
export type UpUnsubscribe = Static<typeof Unsubscribe>;
export type UpPresence = Static<typeof Presence>;
export type UpHistory = Static<typeof History>;
export type UpAuth = Static<typeof Auth>;
export type UpBinaryRoute = Static<typeof BinaryRoute>;

/** `items` are the messages' own bytes; each is decoded in its turn. */
export interface UpBatch {
  readonly type: 'Batch';
  readonly id: string | undefined;
  readonly items: readonly Uint8Array[];
}

export interface UpExtension {
  readonly type: 'Extension';
  readonly name: string;
  readonly data: unknown;
  readonly id: string | undefined;
}

export interface UpBinary {
  readonly type: 'Binary';
  readonly id: undefined;
  readonly format: BinaryType;
  readonly body: Uint8Array;
}

/** A client's message as the session handles it. */
export type UpMessage =
  | Static<typeof Ping>
  | Static<typeof Pong>
  | UpSubscribe
  | UpUnsubscribe
  | UpBroadcast
  | UpDirectMessage
  | UpPresence
  | UpHistory
  | UpAuth
  | UpBinaryRoute
  | UpBatch
  | UpExtension
  | UpBinary;
