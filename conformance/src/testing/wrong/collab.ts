import { at, type Pattern } from '../../match.js';
import type { MakeFault } from './fault.js';
import {
  answers,
  closesWith,
  endsAfter,
  garbles,
  hears,
  hearsLate,
  refusesPath,
  strictAbout,
  tells,
  tellsLate,
  tellsOften,
} from './faults.js';

const type = (name: string): Pattern => ({ type: name });
const error = (code: number): Pattern => ({ type: 'error', payload: { code } });
const more = (value: unknown): unknown => Number(value) + 1;
const not = (value: unknown): unknown => value !== true;
const reversed = (value: unknown): unknown => (Array.isArray(value) ? value.toReversed() : value);
const refusal = {
  id: '3f2b8c1e-7a44-4d0c-9a53-0f6b1c2d3e4f',
  type: 'error',
  version: 1,
  timestamp: 1_700_000_000_000,
  payload: { code: 3001, message: 'no', details: {}, recoverable: false },
};
const limited = {
  ...refusal,
  payload: { code: 1003, message: 'no', details: { retryAfterMs: 1 }, recoverable: true },
};
const anotherId = (): unknown => crypto.randomUUID();

/** For each rule, how a server may break it. */
export const collabFaults: Readonly<Record<string, MakeFault>> = {
  HS1: refusesPath('/ws/collab'),
  HS2: () => ({ without: ['authorization'] }),
  HS3: closesWith(1008, 1000),
  HS4: tells(error(1002), { 'payload.code': 1003 }),
  HS5: tells(type('connected'), { 'payload.protocol': 2 }),
  HS6: tells(error(1001), { 'payload.code': 2003 }),
  HS7: endsAfter(500, 1008),
  HS8: hears(type('connect'), { 'payload.connectionId': undefined }),
  HS9: () => ({ blindTo: ['connectionId', 'binary'] }),
  HS10: answers(type('connect'), refusal),
  HS11: endsAfter(500, 1008),
  HS12: tells(type('auth_renewed'), { 'payload.expiresAt': undefined }),
  HS13: tells(type('error'), { 'payload.code': 5001 }),
  UP1: strictAbout(
    ['id', 'type', 'version', 'timestamp', 'payload', 'roomId', 'sessionId', 'targetUserId', 'acknowledgment'],
    refusal,
  ),
  UP2: tells(type('ack'), { 'payload.messageId': 'another' }),
  UP3: hears(type('operation'), { roomId: (room: unknown) => room ?? 'another' }),
  UP4: tells(type('room_joined'), { 'payload.version': more }),
  UP5: tells(type('room_joined'), { 'payload.participants': [] }),
  UP6: hears(type('leave_room'), { 'payload.roomId': 'another' }),
  UP7: tells(type('presence_update'), {
    'payload.presence.cursor': undefined,
    'payload.presence.selection': undefined,
  }),
  UP8: tells(type('presence_update'), { 'payload.presence.selection.ranges': [] }),
  UP9: hearsLate(type('operation')),
  UP10: tells(type('ack'), { 'payload.version': more }),
  UP11: hears(type('operation'), { id: anotherId }),
  UP12: tells(type('pong'), { 'payload.timestamp': more }),
  UP13: hears(type('batch'), { 'payload.messages': reversed }),
  UP14: hears({ type: 'batch', payload: { compressed: true } }, { 'payload.compressed': false }),
  UP15: tells(type('error'), {
    'payload.details.field': (field: unknown) => String(field).replace(/^payload\.messages\.\d+\./, ''),
  }),
  DN1: tells(type('connected'), { timestamp: undefined }),
  DN2: tells(type('room_joined'), { 'payload.documentState.checksum': undefined }),
  DN3: tells(type('room_joined'), { 'payload.recovered': not }),
  DN4: tells(type('operation_broadcast'), { 'payload.transformedVersion': more }),
  DN5: tellsLate(type('ack')),
  DN6: tells(type('operation_broadcast'), { id: anotherId }),
  DN7: tells(type('presence_update'), { 'payload.timestamp': undefined }),
  DN8: tells(type('error'), { roomId: 'another' }),
  DN10: tellsOften(type('presence_update'), 12),
  DN11: tells(type('room_joined'), {
    'payload.documentState.content': (content: unknown) => String(content).slice(0, 1_000),
  }),
  DN12: tells(error(5002), { 'payload.code': 2003 }),
  BN1: garbles(7),
  BN2: garbles(5),
  BN3: garbles(7),
  BN4: garbles(7),
  BN5: tells(error(3001), { 'payload.details.field': 'elsewhere' }),
  BN6: () => ({ down: (frame) => (typeof frame === 'string' ? [frame] : []) }),
  BN7: garbles(17),
  CP1: () => ({ deflate: false }),
  CP2: closesWith(1009, 1000),
  KA1: endsAfter(500, 1001),
  KA2: endsAfter(500, 1001),
  ER1: tells(type('error'), { 'payload.details.messageId': 'another' }),
  ER2: tells(type('error'), { 'payload.recoverable': not }),
  ER3: tells(error(3001), { 'payload.details.field': undefined }),
  ER4: closesWith(1008, 1000),
  ER5: tells(type('error'), { 'payload.code': 5001 }),
  ER6: tells(error(3001), { 'payload.code': 3003 }),
  ER7: tells(error(3002), { 'payload.details.currentVersion': undefined }),
  ER8: tells(error(3003), { 'payload.code': 3001 }),
  ER10: closesWith(1008, 1000),
  ER11: closesWith('any', 4000),
  LM1: answers(type('cursor_move'), limited),
  LM2: answers(type('operation'), (asked: unknown) => ({
    ...limited,
    payload: { ...limited.payload, details: { messageId: at(asked, 'id'), retryAfterMs: 1 } },
  })),
  LM3: tells(error(1003), { 'payload.code': 5002 }),
  LM4: tells(type('error'), { 'payload.details.retryAfterMs': undefined }),
  LM5: tells(error(1003), { 'payload.code': 2002 }),
  LM6: tells(error(3001), { 'payload.code': 5001 }),
  LM7: closesWith(1008, 1013),
};
