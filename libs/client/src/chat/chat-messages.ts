import type { Down, Message, Ready, VoiceStateUpdate } from '@parley/dialects/chat/down';
import {
  isAnything,
  isBoolean,
  isNumber,
  isRecord,
  isString,
  list,
  literal,
  nullable,
  optional,
  parseJson,
  shape,
} from '../transport/check.js';
import { ParleyError, type ParleyErrorCode } from '../transport/parley-error.js';

type Dispatched<T extends string> = Extract<Down, { op: 'DISPATCH'; t: T }>['d'];

export type ChatMessage = Message;
export type ChatReady = Ready['d'];
export type DeletedMessage = Dispatched<'MESSAGE_DELETE'>;
export type ChatPresence = Dispatched<'PRESENCE_UPDATE'>;
export type VoiceState = VoiceStateUpdate['d'];
export type VoiceSignal = Dispatched<'VOICE_SIGNAL'>;
type WireError = Dispatched<'ERROR'>;

const status = literal('online', 'idle', 'dnd', 'offline');

export const isReady = shape<ChatReady>({
  user: shape<ChatReady['user']>({
    id: isString,
    username: isString,
    email: nullable(isString),
    avatar_url: nullable(isString),
    status,
    created_at: isString,
  }),
  servers: list(
    shape<ChatReady['servers'][number]>({
      id: isString,
      name: isString,
      description: nullable(isString),
      owner_id: isString,
      member_count: isNumber,
      created_at: isString,
      sequence: isNumber,
    }),
  ),
  sequence: isNumber,
  resumed: optional(isBoolean),
});

export const isMessage = shape<ChatMessage>({
  id: isString,
  channel_id: isString,
  author_id: isString,
  content: isString,
  created_at: isString,
  updated_at: nullable(isString),
  edited_at: nullable(isString),
  reply_to: nullable(isString),
});

export const isDeleted = shape<DeletedMessage>({ id: isString, channel_id: isString });
export const isPresence = shape<ChatPresence>({ user_id: isString, status });
export const isVoiceSignal = shape<VoiceSignal>({ from_user_id: isString, signal: isAnything });

export const isVoiceState = shape<VoiceState>({
  user_id: isString,
  channel_id: nullable(isString),
  muted: isBoolean,
  deafened: isBoolean,
  self_mute: isBoolean,
  self_deaf: isBoolean,
  username: isString,
  server_id: isString,
  joined_at: isString,
});

export const isWireError = shape<WireError>({
  code: literal(
    'invalid',
    'unauthenticated',
    'forbidden',
    'not_found',
    'too_large',
    'rate_limited',
    'unavailable',
    'internal',
  ),
  message: isString,
  op: isString,
  retry_after_ms: optional(isNumber),
});

/** The envelope; `d` is checked where `t` is known. */
export interface Envelope {
  readonly op: unknown;
  readonly t: unknown;
  readonly d: unknown;
  /** Of an event that is stored: the point to resume from. */
  readonly s: number | undefined;
}

export function envelopeOf(text: string): Envelope | undefined {
  const value = parseJson(text);
  if (!isRecord(value)) return undefined;
  const { op, t, d, s }: Record<string, unknown> = value;
  return { op, t, d, s: typeof s === 'number' ? s : undefined };
}

export function errorOf({ code, message, retry_after_ms: retryAfterMs }: WireError): ParleyError {
  const own: ParleyErrorCode = code === 'unauthenticated' ? 'unauthorized' : code;
  return new ParleyError(own, message, { wireCode: code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}
