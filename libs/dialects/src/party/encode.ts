import { partyEvent, type PartyMember, type PartySession } from '@parley/contracts';
import { send, type SendCommand } from '../command.js';
import { encoder, encoders, type Encoded } from '../dialect.js';
import { jsonFrame, MUST, type Frame } from '../frame.js';
import type { Down, MemberInfo, NestedDown, NestedMember } from './down.js';

/** `flat` is the document's; `nested` is how the original app writes. A connection has that of its first frame. */
export type Form = 'flat' | 'nested';

/** A message and what only the other form says of it. */
type Told =
  | Exclude<Down, { readonly type: 'welcome' | 'member_left' | 'pong' }>
  | (Extract<Down, { readonly type: 'welcome' }> & { readonly hostName: string })
  | (Extract<Down, { readonly type: 'member_left' }> & { readonly name: string })
  | (Extract<Down, { readonly type: 'pong' }> & { readonly now: number });

/** Events as frames; each is built once, in both forms, for every receiver of a pod. */
export const partyEncoders = encoders(
  encoder(partyEvent, ({ payload }) => {
    switch (payload.type) {
      case 'member_joined':
        return {
          ...encoded({ type: 'member_joined', timestamp: payload.at, member: memberInfo(payload.member) }),
          except: payload.connectionId,
        };
      case 'members':
        return encoded({ type: 'member_list', timestamp: payload.at, members: payload.members.map(memberInfo) });
      case 'member_left': {
        const { at: timestamp, memberId, name, reason } = payload;
        return encoded({ type: 'member_left', timestamp, memberId, reason, name });
      }
      case 'returned':
      case 'kicked':
      case 'superseded':
      case 'closed':
        // The sessions whom it concerns tell their clients, and close.
        return undefined;
    }
  }),
);

function encoded(told: Told): Encoded {
  return { frames: [frameOf('flat', told)], alternative: [frameOf('nested', told)], delivery: MUST };
}

export function reply(form: Form, told: Told): SendCommand {
  return send(frameOf(form, told));
}

export function frameOf(form: Form, told: Told): Frame {
  return jsonFrame(form === 'flat' ? flat(told) : nested(told));
}

export function welcome(
  at: number,
  { id, name, hostId }: PartySession,
  clientId: string,
  members: readonly PartyMember[],
): Told {
  const hostName = members.find(({ isHost }) => isHost)?.name ?? '';
  return { type: 'welcome', timestamp: at, clientId, sessionInfo: { id, name, hostId }, hostName };
}

export function memberList(at: number, members: readonly PartyMember[]): Told {
  return { type: 'member_list', timestamp: at, members: members.map(memberInfo) };
}

/** In the order of the document's fields. */
function memberInfo({ id, name, isHost, connectionStatus, joinedAt, latency }: PartyMember): MemberInfo {
  return { id, name, isHost, connectionStatus, joinedAt, ...(latency === undefined ? {} : { latency }) };
}

function flat(told: Told): Down {
  switch (told.type) {
    case 'welcome':
      return {
        type: told.type,
        timestamp: told.timestamp,
        clientId: told.clientId,
        sessionInfo: told.sessionInfo,
      };
    case 'member_left':
      return {
        type: told.type,
        timestamp: told.timestamp,
        memberId: told.memberId,
        ...(told.reason === undefined ? {} : { reason: told.reason }),
      };
    case 'pong':
      return { type: told.type, timestamp: told.timestamp };
    default:
      return told;
  }
}

function nested(told: Told): NestedDown {
  const { timestamp } = told;
  switch (told.type) {
    case 'welcome': {
      const { clientId, sessionInfo, hostName } = told;
      const { id: sessionId, name: sessionName, hostId } = sessionInfo;
      const session = { sessionId, sessionName, hostId, hostName };
      const payload = { clientId, sessionInfo, ...session, yourDeviceId: clientId, connectedAt: timestamp };
      return { type: 'WELCOME', timestamp, payload };
    }
    case 'member_list': {
      const members = told.members.map((member) => nestedMember(member, timestamp));
      return { type: 'MEMBER_LIST', timestamp, payload: { members, totalCount: members.length } };
    }
    case 'member_joined':
      return { type: 'MEMBER_JOINED', timestamp, payload: { member: nestedMember(told.member, timestamp) } };
    case 'member_left': {
      const { memberId, name, reason } = told;
      const payload = { memberId, deviceId: memberId, deviceName: name, ...(reason === undefined ? {} : { reason }) };
      return { type: 'MEMBER_LEFT', timestamp, payload };
    }
    case 'kicked':
      return { type: 'KICKED', timestamp, payload: { reason: told.reason } };
    case 'session_closed':
      return {
        type: 'SESSION_CLOSED',
        timestamp,
        payload: told.reason === undefined ? {} : { reason: told.reason },
      };
    case 'pong':
      return { type: 'PONG', timestamp, payload: { timestamp: told.now, pingTimestamp: timestamp } };
    case 'error': {
      const { code, message, details } = told;
      const payload = { code: code.toUpperCase(), message, ...(details === undefined ? {} : { details }) };
      return { type: 'ERROR', timestamp, payload };
    }
    case 'auth_renewed':
      return { type: 'AUTH_RENEWED', timestamp, payload: { expiresAt: told.expiresAt } };
  }
}

function nestedMember(member: MemberInfo, at: number): NestedMember {
  const { id, name, isHost, connectionStatus, joinedAt, latency = null } = member;
  const role = isHost ? 'host' : 'client';
  return { id, name, isHost, role, connectionStatus, joinedAt, lastSeen: at, address: '', latency };
}
