import type { AppliedOperation, DownType, ErrorPayload, Payloads, PresenceData } from '@parley/dialects/collab/down';
import {
  isAnything,
  isBoolean,
  isNumber,
  isRecord,
  isString,
  list,
  literal,
  optional,
  parseJson,
  shape,
  type Check,
} from '../transport/check.js';
import { ParleyError, type ParleyErrorCode } from '../transport/parley-error.js';

export type Connected = Payloads['connected'];
export type RoomJoined = Payloads['room_joined'];
export type WireParticipant = RoomJoined['participants'][number];
export type { AppliedOperation, PresenceData };
export type Role = WireParticipant['role'];

const role = literal('owner', 'editor', 'viewer');

const applied = shape<AppliedOperation>({
  id: isString,
  operation: isAnything,
  userId: isString,
  version: isNumber,
  transformedVersion: isNumber,
});

/** Ids are the server's own; nothing here depends on their form. */
const isUserId = (value: unknown): value is WireParticipant['userId'] => typeof value === 'string';
const isConnectionId = (value: unknown): value is WireParticipant['connectionId'] => typeof value === 'string';

const participant = shape<WireParticipant>({
  userId: isUserId,
  numericId: isNumber,
  name: isString,
  color: isString,
  role,
  connectionId: isConnectionId,
});

const presence = shape<PresenceData>({
  status: optional(literal('online', 'offline')),
  connectionId: optional(isString),
  numericId: optional(isNumber),
  name: optional(isString),
  color: optional(isString),
  role: optional(role),
  replaces: optional(isString),
  cursor: optional(
    shape<NonNullable<PresenceData['cursor']>>({
      x: isNumber,
      y: isNumber,
      viewportX: optional(isNumber),
      viewportY: optional(isNumber),
      timestamp: isNumber,
    }),
  ),
  selection: optional(shape<NonNullable<PresenceData['selection']>>({ ranges: list(isAnything), color: isString })),
});

const payloads: { readonly [T in DownType]: Check<Payloads[T]> } = {
  connected: shape<Connected>({ connectionId: isString, userId: isString, serverTime: isNumber, protocol: isNumber }),
  room_joined: shape<RoomJoined>({
    roomId: isString,
    participants: list(participant),
    documentState: shape<RoomJoined['documentState']>({
      type: literal('json', 'text', 'rich-text'),
      // Absent, or any JSON value.
      content: (_value): _value is unknown => true,
      checksum: isString,
    }),
    version: isNumber,
    recovered: isBoolean,
    operations: optional(list(applied)),
  }),
  presence_update: shape<Payloads['presence_update']>({ userId: isString, presence, timestamp: isNumber }),
  operation_broadcast: shape<Payloads['operation_broadcast']>({
    operation: isAnything,
    userId: isString,
    version: isNumber,
    transformedVersion: isNumber,
  }),
  ack: shape<Payloads['ack']>({ messageId: isString, version: optional(isNumber) }),
  error: shape<ErrorPayload>({
    code: literal(1001, 1002, 1003, 2001, 2002, 2003, 3001, 3002, 3003, 5001, 5002),
    message: isString,
    details: shape<ErrorPayload['details']>({
      messageId: optional(isString),
      field: optional(isString),
      retryAfterMs: optional(isNumber),
      currentVersion: optional(isNumber),
    }),
    recoverable: isBoolean,
  }),
  pong: shape<Payloads['pong']>({ timestamp: isNumber, serverTime: isNumber }),
  auth_renewed: shape<Payloads['auth_renewed']>({ expiresAt: isNumber }),
};

/** A message of the server; each type with its own payload. */
export type Received = {
  readonly [T in DownType]: {
    readonly id: string;
    readonly type: T;
    readonly roomId: string | undefined;
    readonly payload: Payloads[T];
  };
}[DownType];

/** Undefined for what is no message of a type that is known here: newer servers may send more. */
export function receivedOf(text: string): Received | undefined {
  const value = parseJson(text);
  if (!isRecord(value) || typeof value['id'] !== 'string' || typeof value['type'] !== 'string') return undefined;
  const roomId = typeof value['roomId'] === 'string' ? value['roomId'] : undefined;
  const message = { id: value['id'], type: value['type'], roomId, payload: value['payload'] };
  return isReceived(message) ? message : undefined;
}

function isReceived(message: { readonly type: string; readonly payload: unknown }): message is Received {
  return isDownType(message.type) && payloads[message.type](message.payload);
}

function isDownType(type: string): type is DownType {
  return Object.hasOwn(payloads, type);
}

const codeOf: Record<ErrorPayload['code'], ParleyErrorCode> = {
  1001: 'unauthorized',
  1002: 'limit_exceeded',
  1003: 'rate_limited',
  2001: 'not_found',
  2002: 'limit_exceeded',
  2003: 'forbidden',
  3001: 'invalid',
  3002: 'out_of_sync',
  3003: 'invalid',
  5001: 'internal',
  5002: 'unavailable',
};

export function errorOf({ code, message, details: { field, retryAfterMs }, recoverable }: ErrorPayload): ParleyError {
  return new ParleyError(codeOf[code], message, {
    wireCode: code,
    retryable: recoverable,
    ...(field === undefined ? {} : { field }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
