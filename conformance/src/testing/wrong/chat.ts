import { at, isRecord, type Pattern } from '../../match.js';
import type { MakeFault } from './fault.js';
import {
  answers,
  closesWith,
  endsAfter,
  hears,
  leaks,
  neverTells,
  refusesPath,
  strictAbout,
  tells,
  tellsFirst,
  tellsMore,
} from './faults.js';

const dispatch = (t: string): Pattern => ({ op: 'DISPATCH', t });
const op = (name: string): Pattern => ({ op: name });
const not = (value: unknown): unknown => value !== true;

/** Whoever was in a server is in it for good. */
const forgetsNoServer: MakeFault = () => {
  const seen = new Map<unknown, unknown>();
  return {
    down(frame, json) {
      const servers = at(json, 'd.servers');
      if (at(json, 't') !== 'READY' || !isRecord(json) || !isRecord(json['d']) || !Array.isArray(servers))
        return [frame];
      for (const server of servers) seen.set(at(server, 'id'), server);
      return [JSON.stringify({ ...json, d: { ...json['d'], servers: [...seen.values()] } })];
    },
  };
};

/** For each rule, how a server may break it. */
export const chatFaults: Readonly<Record<string, MakeFault>> = {
  HS1: refusesPath('/ws/chat'),
  HS2: () => ({ without: ['authorization'] }),
  HS3: closesWith(4001, 1008),
  HS4: closesWith(1008, 1000),
  HS6: tells(dispatch('READY'), { 'd.user.email': undefined }),
  HS7: tells(dispatch('READY'), { 'd.user.status': 'online' }),
  HS9: endsAfter(500, 4001),
  HS10: tells(dispatch('AUTH_RENEWED'), { 'd.expires_at': undefined }),
  HS11: tells(dispatch('ERROR'), { 'd.code': 'invalid' }),
  UP1: strictAbout(['op', 't', 'd'], { op: 'DISPATCH', t: 'ERROR', d: { code: 'invalid', message: 'no', op: 'x' } }),
  UP2: tells(op('HEARTBEAT_ACK'), { d: {} }),
  UP3: hears(op('PRESENCE_UPDATE'), { 'd.status': 'online' }),
  UP4: hears(op('PRESENCE_UPDATE'), { 'd.status': (status: unknown) => (status === 'away' ? 'online' : status) }),
  UP5: hears(op('VOICE_SIGNAL')),
  UP6: hears(op('VOICE_SIGNAL'), { 'd.sdp': undefined }),
  UP7: tells(dispatch('ERROR'), { 'd.op': undefined }),
  DN1: tells(dispatch('MESSAGE_UPDATE'), { 'd.updated_at': null }),
  DN2: tells(dispatch('MESSAGE_DELETE'), { 'd.channel_id': undefined }),
  DN3: tells(dispatch('PRESENCE_UPDATE'), { 'd.user_id': 'nobody' }),
  DN4: tells(dispatch('VOICE_STATE_UPDATE'), { 'd.muted': not }),
  DN5: tells(dispatch('VOICE_SIGNAL')),
  DN6: tellsFirst(dispatch('MESSAGE_CREATE'), { op: 'DISPATCH', t: 'CHANNEL_CREATE', d: {} }),
  DN7: tells(dispatch('MESSAGE_CREATE'), { s: undefined }),
  DN8: tells(dispatch('MESSAGE_CREATE'), { 'd.created_at': (iso: unknown) => Date.parse(String(iso)) }),
  SV1: leaks(dispatch('MESSAGE_CREATE')),
  SV2: tells(dispatch('MESSAGE_CREATE'), { 'd.id': 'another' }),
  SV3: forgetsNoServer,
  RS1: tells(dispatch('READY'), { 'd.sequence': undefined }),
  RS2: tells(dispatch('READY'), { 'd.resumed': false }),
  RS3: tells(dispatch('READY'), { 'd.resumed': true }),
  RS4: neverTells(dispatch('VOICE_SIGNAL')),
  RS5: tells(dispatch('MESSAGE_CREATE'), { s: 1 }),
  RS6: tellsMore({ op: 'DISPATCH', t: 'READY', d: { resumed: true } }, (ready: unknown) => ({
    op: 'DISPATCH',
    t: 'PRESENCE_UPDATE',
    d: { user_id: at(ready, 'd.user.id'), status: 'dnd' },
  })),
  KA1: endsAfter(500, 1001),
  KA2: endsAfter(500, 1001),
  ER1: closesWith(4002, 1008),
  ER3: closesWith(4001, 1008),
  ER4: closesWith('any', 4000),
  LM1: answers(op('VOICE_SIGNAL'), {
    op: 'DISPATCH',
    t: 'ERROR',
    d: { code: 'rate_limited', message: 'no', op: 'VOICE_SIGNAL' },
  }),
  LM2: closesWith(1008, 1013),
};
