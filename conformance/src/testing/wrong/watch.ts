import { at, type Pattern } from '../../match.js';
import type { MakeFault } from './fault.js';
import {
  closesWith,
  endsAfter,
  hears,
  neverTells,
  refusesPath,
  strictAbout,
  tells,
  tellsLate,
  tellsMore,
} from './faults.js';

const type = (name: string): Pattern => ({ type: name });
const error = (message: string): Pattern => ({ type: 'error', payload: { message } });
const ended = (reason: string): Pattern => ({ type: 'watch_ended', payload: { reason } });
const another = { 'payload.message': 'Something is wrong' };
const refusal = { type: 'error', ts: '2025-01-01T00:00:00.000Z', payload: { message: 'frame: no' } };

/** For each rule, how a server may break it. */
export const watchFaults: Readonly<Record<string, MakeFault>> = {
  HL1: refusesPath('/ws/device'),
  HL2: tells(type('hello_ack'), { 'payload.device_id': 'another' }),
  HL3: hears({ type: 'hello', payload: { device_id: () => true } }, { 'payload.key': undefined }),
  HL4: tells(error('Unauthorized'), another),
  HL5: tells(type('hello_ack'), { 'payload.user_id': undefined }),
  HL6: tells(error('Invalid token'), another),
  HL7: tells(error('Unauthorized'), another),
  HL8: endsAfter(500, 1008),
  HL9: tells(type('error'), { type: 'hello_ack' }),
  HL10: closesWith(1000, 1008),
  HL11: closesWith(1008, 1000),
  HL13: tells(type('auth_ack'), { 'payload.expires_at': undefined }),
  HL14: endsAfter(500, 1008),
  HL15: hears({ type: 'hello', payload: { sessions: () => true } }, { 'payload.sessions': undefined }),
  HL16: tells(error('Device not found'), another),
  WT1: tells(type('watch_ready'), { 'payload.ice_servers': undefined }),
  WT2: tells(error('Device not found'), another),
  WT3: tells(type('signal_ice')),
  WT4: tells(error('Session not found'), another),
  WT5: tells(ended('user_ended'), { 'payload.reason': 'error' }),
  WT6: tells(type('watch_ended'), { 'payload.reason': 'over' }),
  WT7: neverTells(type('signal_ice')),
  WT8: tells(type('error'), another),
  WT9: tells(type('device_presence'), { 'payload.presence': {} }),
  WT10: tellsLate(type('signal_offer')),
  WT11: tells(error('Too many viewers'), another),
  WT12: tellsMore(
    { type: (name: unknown) => name === 'watch_ready' || name === 'watch_request' },
    (ready: unknown) => ({
      type: 'watch_ended',
      ts: at(ready, 'ts'),
      payload: { session_id: at(ready, 'payload.session_id'), reason: 'timeout' },
    }),
  ),
  WT14: tells(ended('error'), { 'payload.reason': 'timeout' }),
  WT15: neverTells(type('watch_request')),
  WT16: tells(type('error'), { type: 'signal_ice' }),
  WT17: tells(type('watch_ready'), {
    'payload.ice_servers': [{ urls: 'turn:turn.example.org', username: 'me', credential: 'x' }],
  }),
  WT18: neverTells(type('watch_ended')),
  FM1: strictAbout(['type', 'ts', 'payload', 'request_id'], refusal),
  FM2: tells({ request_id: () => true }, { request_id: 'another' }),
  FM3: tells(type('heartbeat_ack'), { type: 'pong' }),
  FM4: endsAfter(500, 1001),
  FM5: tells(type('error'), another),
  FM6: tells(type('error'), another),
  FM7: closesWith(1008, 1013),
  FM8: closesWith('any', 4000),
};
