import type { Pattern } from '../../match.js';
import type { MakeFault } from './fault.js';
import {
  answers,
  closesWith,
  endsAfter,
  hears,
  neverTells,
  refusesPath,
  strictAbout,
  tells,
  tellsLate,
  tellsOften,
} from './faults.js';

const type = (name: string): Pattern => ({ type: name });
const error = (code: string): Pattern => ({ type: 'error', code });
const more = (value: unknown): unknown => Number(value) + 1;

/** For each rule, how a server may break it. */
export const partyFaults: Readonly<Record<string, MakeFault>> = {
  HS1: refusesPath('/ws/party'),
  HS2: () => ({ without: ['authorization'], blindTo: ['token'] }),
  HS3: closesWith(1008, 1000),
  HS4: tells(error('unauthorized'), { code: 'invalid_message' }),
  HS5: endsAfter(500, 1008),
  HS6: closesWith(1008, 1000),
  HS7: tells(type('auth_renewed'), { expiresAt: undefined }),
  HS8: endsAfter(500, 1008),
  JN1: tellsLate(type('welcome')),
  JN2: tells(type('welcome'), { 'sessionInfo.hostId': '' }),
  JN3: tellsOften(type('member_joined')),
  JN4: tells(error('session_not_found'), { code: 'invalid_message' }),
  JN5: tells(error('session_full'), { 'details.currentMembers': more }),
  JN6: tells(error('already_joined'), { code: 'unauthorized' }),
  JN7: tells(type('welcome'), { clientId: () => crypto.randomUUID() }),
  JN8: tells(error('unauthorized'), { code: 'invalid_message' }),
  JN9: tells(error('version_mismatch'), { 'details.supported': ['2.0'] }),
  JN10: () => ({
    down(frame, json, line) {
      if (!String(frame).includes('"error"') || json === undefined) return [frame];
      line.after(0, () => {
        line.end(1008, 'go away');
      });
      return [frame];
    },
  }),
  JN11: tells(error('unauthorized'), { code: 'already_joined' }),
  MS1: answers(type('heartbeat'), { type: 'pong', timestamp: 1 }),
  MS2: endsAfter(2_000, 1001),
  MS3: tells(type('pong'), { timestamp: more }),
  MS4: tells(type('member_left'), { reason: 'timeout' }),
  MS5: tells(type('session_closed'), { reason: undefined }),
  MS6: tells(type('member_left'), { memberId: 'another' }),
  MS7: tells(type('member_list'), { members: (list: unknown) => (Array.isArray(list) ? list.slice(1) : list) }),
  MS8: tells(type('member_list'), { members: [] }),
  MS9: endsAfter(2_000, 1001),
  MS10: tells(type('member_left'), { reason: 'left' }),
  MS12: tells(type('kicked'), { reason: 'another' }),
  MS13: closesWith(1000, 1008),
  MS14: neverTells(type('member_list')),
  MS15: tells(error('unauthorized'), { code: 'invalid_message' }),
  FM1: strictAbout(['type', 'timestamp', 'sessionId', 'deviceInfo', 'token', 'protocolVersion', 'reason', 'memberId'], {
    type: 'error',
    timestamp: 1_700_000_000_000,
    code: 'invalid_message',
    message: 'no',
    details: { field: 'frame' },
  }),
  FM2: tells(error('invalid_message'), { 'details.field': undefined }),
  FM3: tells(error('invalid_message'), { code: 'internal' }),
  FM4: closesWith(1008, 1013),
  FM6: closesWith('any', 4000),
  AP1: tells(
    { type: (value: unknown) => /^[A-Z_]+$/.test(String(value)) },
    { type: (value: unknown) => String(value).toLowerCase() },
  ),
  AP2: hears(type('JOIN'), { 'payload.deviceName': 'Somebody', 'payload.deviceInfo': undefined }),
  AP3: tells(type('WELCOME'), { 'payload.yourDeviceId': undefined }),
  AP4: tells(type('ERROR'), { 'payload.code': (code: unknown) => String(code).toLowerCase() }),
  AP5: tells(type('PONG'), { 'payload.pingTimestamp': more }),
};
