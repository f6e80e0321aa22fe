import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { BinaryType, Metadata } from './up.js';

/** What the server sends. Every timestamp is in ms since 1970. */
function message<N extends string, D extends TSchema>(type: N, data: D) {
  return Type.Object({ type: Type.Literal(type), data });
}

const Milliseconds = Type.Integer({ description: 'ms since 1970' });

export const Pong = message('Pong', Type.Object({ timestamp: Type.Number() }));
export const Ping = message('Ping', Type.Object({ timestamp: Milliseconds }));

export const features = ['broadcast', 'direct_message', 'presence', 'history'] as const;

export const Connected = message(
  'Status',
  Type.Object({
    status: Type.Literal('connected'),
    details: Type.Object({
      connection_id: Type.String(),
      server_time: Milliseconds,
      protocol_version: Type.String(),
      features: Type.Array(Type.String()),
    }),
  }),
);

const PresenceOf = Type.Object({
  user_id: Type.String(),
  status: Type.Union([Type.Literal('online'), Type.Literal('idle'), Type.Literal('dnd'), Type.Literal('offline')]),
  last_seen: Milliseconds,
  metadata: Metadata,
});
export type PresenceOf = Static<typeof PresenceOf>;

export const Recovered = Type.Object({
  /** False: too old; nothing is replayed, start afresh. */
  recovered: Type.Boolean(),
  messages: Type.Integer(),
  /** What comes later has a greater sequence. */
  sequence: Type.Integer(),
});
export type Recovered = Static<typeof Recovered>;

export const Subscribed = message(
  'Status',
  Type.Object({
    status: Type.Literal('subscribed'),
    details: Type.Object({
      topics: Type.Array(Type.String()),
      active_subscriptions: Type.Integer(),
      /** Extension: of the topics that `recover` named. */
      recovered: Type.Optional(Type.Record(Type.String(), Recovered)),
      /** Extension: with `presence.…` among the topics. `total` counts who is not offline, listed or not. */
      presence: Type.Optional(Type.Object({ users: Type.Array(PresenceOf), total: Type.Integer() })),
    }),
  }),
);

export const Unsubscribed = message(
  'Status',
  Type.Object({
    status: Type.Literal('unsubscribed'),
    details: Type.Object({ topics: Type.Array(Type.String()), active_subscriptions: Type.Integer() }),
  }),
);

export const BinaryReceived = message(
  'Status',
  Type.Object({
    status: Type.Literal('binary_received'),
    details: Type.Object({ size: Type.Integer(), type: BinaryType, checksum: Type.String() }),
  }),
);

/** Extension: answers `BinaryRoute`; without topic and user, such frames are only acknowledged. */
export const BinaryRouted = message(
  'Status',
  Type.Object({
    status: Type.Literal('binary_routed'),
    details: Type.Object({
      type: BinaryType,
      topic: Type.Optional(Type.String()),
      target_user: Type.Optional(Type.String()),
      name: Type.Optional(Type.String()),
    }),
  }),
);

export const Ack = message(
  'Ack',
  Type.Object({
    message_id: Type.String(),
    status: Type.String(),
    recipients: Type.Optional(Type.Integer()),
    delivered_to: Type.Optional(Type.Array(Type.String())),
  }),
);
export type Ack = Static<typeof Ack>;

export const codes = [400, 401, 403, 404, 429, 500, 503] as const;
export type Code = (typeof codes)[number];

export const ErrorMessage = message(
  'Error',
  Type.Object({
    code: Type.Union([
      Type.Literal(400),
      Type.Literal(401),
      Type.Literal(403),
      Type.Literal(404),
      Type.Literal(429),
      Type.Literal(500),
      Type.Literal(503),
    ]),
    message: Type.String(),
    details: Type.Object({
      message_id: Type.Optional(Type.String()),
      /** Path of what was wrong. */
      field: Type.Optional(Type.String()),
      /** With 429. */
      retry_after_ms: Type.Optional(Type.Integer()),
      /** Of a direct message that could not be delivered now. */
      queued: Type.Optional(Type.Boolean()),
      /** The topics that were refused. */
      topics: Type.Optional(Type.Array(Type.String())),
    }),
  }),
);
export type ErrorMessage = Static<typeof ErrorMessage>;

export const Broadcast = message(
  'Broadcast',
  Type.Object({
    topic: Type.String(),
    payload: Type.Unknown(),
    /** The publisher's own fields beside these; `sequence` is an extension, the point to recover from. */
    metadata: Type.Object({ sent_at: Milliseconds, message_id: Type.String(), sequence: Type.Integer() }),
  }),
);

export const DirectMessage = message(
  'DirectMessage',
  Type.Object({
    from_user: Type.String(),
    payload: Type.Unknown(),
    metadata: Type.Object({ sent_at: Milliseconds, message_id: Type.String() }),
  }),
);

export const Notification = message(
  'Notification',
  Type.Object({
    level: Type.String(),
    title: Type.String(),
    message: Type.String(),
    actions: Type.Array(Type.Object({ label: Type.String(), url: Type.String() })),
  }),
);

export const Presence = message('Presence', PresenceOf);

export const AuthStatus = message(
  'AuthStatus',
  Type.Object({
    status: Type.Union([Type.Literal('token_expiring'), Type.Literal('refreshed')]),
    expires_at: Milliseconds,
    refresh_required: Type.Boolean(),
  }),
);

/** Extension. Newest last; a binary message's payload is base64, and `binary` tells of it. */
export const History = message(
  'History',
  Type.Object({
    topic: Type.String(),
    messages: Type.Array(
      Type.Object({
        payload: Type.Unknown(),
        binary: Type.Optional(
          Type.Object({
            type: BinaryType,
            checksum: Type.Optional(Type.String()),
            name: Type.Optional(Type.String()),
          }),
        ),
        metadata: Type.Object({ sent_at: Milliseconds, message_id: Type.String(), sequence: Type.Integer() }),
      }),
    ),
    more: Type.Boolean(),
  }),
);

/** Extension: announces the binary frame that follows it directly. `topic` is absent from one sent to a user. */
export const Binary = message(
  'Binary',
  Type.Object({
    from_user: Type.Union([Type.String(), Type.Null()]),
    topic: Type.Optional(Type.String()),
    type: BinaryType,
    size: Type.Integer(),
    checksum: Type.String(),
    message_id: Type.String(),
    name: Type.Optional(Type.String()),
    sequence: Type.Optional(Type.Integer()),
  }),
);

/** `X-…`: the answer of a backend, under the type it was asked with. */
export const Extension = Type.Object({
  type: Type.String({ pattern: '^X-[A-Za-z0-9_-]{1,64}$' }),
  data: Type.Unknown(),
});

export const Down = Type.Union([
  Pong,
  Ping,
  Connected,
  Subscribed,
  Unsubscribed,
  BinaryReceived,
  BinaryRouted,
  Ack,
  ErrorMessage,
  Broadcast,
  DirectMessage,
  Notification,
  Presence,
  AuthStatus,
  History,
  Binary,
  Extension,
]);
export type Down = Static<typeof Down>;
