import type { Down, ErrorMessage, MemberInfo, WireErrorCode } from '@parley/dialects/party/down';
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

type Told<T extends Down['type']> = Extract<Down, { type: T }>;

/** Who is in a party. `latency`: round trip, ms, as the server measures it. */
export type PartyMember = MemberInfo;
export type MemberStatus = MemberInfo['connectionStatus'];
export type LeaveReason = NonNullable<Told<'member_left'>['reason']>;
export type PartyInfo = Told<'welcome'>['sessionInfo'];

const member = shape<MemberInfo>({
  id: isString,
  name: isString,
  isHost: isBoolean,
  connectionStatus: literal('connected', 'disconnected', 'reconnecting'),
  joinedAt: isNumber,
  latency: optional(isNumber),
});

const checks: { readonly [T in Down['type']]: Check<Told<T>> } = {
  welcome: shape<Told<'welcome'>>({
    type: literal('welcome'),
    timestamp: isNumber,
    clientId: isString,
    sessionInfo: shape<PartyInfo>({ id: isString, name: isString, hostId: isString }),
  }),
  member_list: shape<Told<'member_list'>>({
    type: literal('member_list'),
    timestamp: isNumber,
    members: list(member),
  }),
  member_joined: shape<Told<'member_joined'>>({ type: literal('member_joined'), timestamp: isNumber, member }),
  member_left: shape<Told<'member_left'>>({
    type: literal('member_left'),
    timestamp: isNumber,
    memberId: isString,
    reason: optional(literal('left', 'kicked', 'timeout', 'error')),
  }),
  kicked: shape<Told<'kicked'>>({ type: literal('kicked'), timestamp: isNumber, reason: isString }),
  session_closed: shape<Told<'session_closed'>>({
    type: literal('session_closed'),
    timestamp: isNumber,
    reason: optional(isString),
  }),
  pong: shape<Told<'pong'>>({ type: literal('pong'), timestamp: isNumber }),
  error: shape<ErrorMessage>({
    type: literal('error'),
    timestamp: isNumber,
    code: literal(
      'session_not_found',
      'session_full',
      'already_joined',
      'invalid_message',
      'unauthorized',
      'version_mismatch',
      'unavailable',
      'internal',
    ),
    message: isString,
    details: optional(map(isAnything)),
  }),
  auth_renewed: shape<Told<'auth_renewed'>>({
    type: literal('auth_renewed'),
    timestamp: isNumber,
    expiresAt: isNumber,
  }),
};

/** Undefined for what this client does not know: newer servers may say more. */
export function toldBy(text: string): Down | undefined {
  const value = parseJson(text);
  const type = isRecord(value) ? value['type'] : undefined;
  return typeof type === 'string' && isKnown(type) && checks[type](value) ? value : undefined;
}

function isKnown(type: string): type is Down['type'] {
  return Object.hasOwn(checks, type);
}

const codeOf: Record<WireErrorCode, ParleyErrorCode> = {
  session_not_found: 'not_found',
  session_full: 'limit_exceeded',
  already_joined: 'unavailable',
  invalid_message: 'invalid',
  unauthorized: 'unauthorized',
  version_mismatch: 'invalid',
  unavailable: 'unavailable',
  internal: 'internal',
};

export function errorOf({ code, message, details = {} }: ErrorMessage): ParleyError {
  const { field, maxMembers, currentMembers } = details;
  return new ParleyError(codeOf[code], message, {
    wireCode: code,
    ...(typeof field === 'string' ? { field } : {}),
    ...(typeof maxMembers === 'number' ? { maxMembers } : {}),
    ...(typeof currentMembers === 'number' ? { currentMembers } : {}),
  });
}
