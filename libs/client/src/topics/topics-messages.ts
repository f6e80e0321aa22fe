import type { Down } from '@parley/dialects/topics/down';
import {
  isAnything,
  isBoolean,
  isNumber,
  isRecord,
  isString,
  list,
  literal,
  map,
  optional,
  parseJson,
  shape,
  type Check,
} from '../transport/check.js';
import { ParleyError, type ParleyErrorCode } from '../transport/parley-error.js';

type Data<T extends Down['type']> = Extract<Down, { type: T }>['data'];
type StatusDetails<S extends string> = Extract<Down, { type: 'Status'; data: { status: S } }>['data']['details'];

/** A broadcast as its subscribers get it. */
export type TopicMessage = Data<'Broadcast'>;
export type DirectMessage = Data<'DirectMessage'>;
export type Notification = Data<'Notification'>;
export type Presence = Data<'Presence'>;
export type HistoryPage = Data<'History'>;
export type Ack = Data<'Ack'>;
export type Subscribed = StatusDetails<'subscribed'>;
export type WireError = Data<'Error'>;

const broadcastMetadata = shape<TopicMessage['metadata']>({
  sent_at: isNumber,
  message_id: isString,
  sequence: isNumber,
});

export const isTopicMessage = shape<TopicMessage>({
  topic: isString,
  payload: isAnything,
  metadata: broadcastMetadata,
});

export const isDirectMessage = shape<DirectMessage>({
  from_user: isString,
  payload: isAnything,
  metadata: shape<DirectMessage['metadata']>({ sent_at: isNumber, message_id: isString }),
});

export const isNotification = shape<Notification>({
  level: isString,
  title: isString,
  message: isString,
  actions: list(shape<Notification['actions'][number]>({ label: isString, url: isString })),
});

export const isPresence = shape<Presence>({
  user_id: isString,
  status: literal('online', 'idle', 'dnd', 'offline'),
  last_seen: isNumber,
  metadata: map(isAnything),
});

export const isAck = shape<Ack>({
  message_id: isString,
  status: isString,
  recipients: optional(isNumber),
  delivered_to: optional(list(isString)),
});

const recovered = shape<NonNullable<Subscribed['recovered']>[string]>({
  recovered: isBoolean,
  messages: isNumber,
  sequence: isNumber,
});

export const isSubscribed: Check<Subscribed> = shape<Subscribed>({
  topics: list(isString),
  active_subscriptions: isNumber,
  recovered: optional(map(recovered)),
  presence: optional(shape<NonNullable<Subscribed['presence']>>({ users: list(isPresence), total: isNumber })),
});

export const isUnsubscribed = shape<StatusDetails<'unsubscribed'>>({
  topics: list(isString),
  active_subscriptions: isNumber,
});

export function statusOf(data: unknown): { readonly status: unknown; readonly details: unknown } | undefined {
  return isRecord(data) ? { status: data['status'], details: data['details'] } : undefined;
}

export function isConnected(data: unknown): boolean {
  return statusOf(data)?.status === 'connected';
}

export function isExpiring(data: unknown): boolean {
  return statusOf(data)?.status === 'token_expiring';
}

const binaryTypes = literal('broadcast', 'direct_message', 'file_transfer', 'stream_data');

export const isHistoryPage = shape<HistoryPage>({
  topic: isString,
  messages: list(
    shape<HistoryPage['messages'][number]>({
      payload: isAnything,
      binary: optional(
        shape<NonNullable<HistoryPage['messages'][number]['binary']>>({
          type: binaryTypes,
          checksum: optional(isString),
          name: optional(isString),
        }),
      ),
      metadata: broadcastMetadata,
    }),
  ),
  more: isBoolean,
});

export const isWireError = shape<WireError>({
  code: literal(400, 401, 403, 404, 429, 500, 503),
  message: isString,
  details: shape<WireError['details']>({
    message_id: optional(isString),
    field: optional(isString),
    retry_after_ms: optional(isNumber),
    queued: optional(isBoolean),
    topics: optional(list(isString)),
  }),
});

/** Every message has a type and data; the data is checked where the type is known. */
export interface Message {
  readonly type: string;
  readonly data: unknown;
}

export function messageOf(text: string): Message | undefined {
  const value = parseJson(text);
  return isRecord(value) && typeof value['type'] === 'string'
    ? { type: value['type'], data: value['data'] }
    : undefined;
}

const codeOf: Record<WireError['code'], ParleyErrorCode> = {
  400: 'invalid',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  429: 'rate_limited',
  500: 'internal',
  503: 'unavailable',
};

export function errorOf({ code, message, details }: WireError): ParleyError {
  const { field, retry_after_ms: retryAfterMs, queued, topics } = details;
  return new ParleyError(codeOf[code], message, {
    wireCode: code,
    ...(field === undefined ? {} : { field }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(queued === undefined ? {} : { queued }),
    ...(topics === undefined ? {} : { topics }),
  });
}
