import type { MakeFault } from './fault.js';
import {
  closesWith,
  confuses,
  endsAfter,
  garbles,
  hears,
  neverTells,
  refusesPath,
  strictAbout,
  tells,
  tellsLate,
  tellsMore,
  tellsOften,
} from './faults.js';
import { at, isRecord, type Pattern } from '../../match.js';

const type = (name: string): Pattern => ({ type: name });
const status = (name: string): Pattern => ({ type: 'Status', data: { status: name } });
const error = (code: number): Pattern => ({ type: 'Error', data: { code } });
const more = (value: unknown): unknown => Number(value) + 1;
const reversed = (value: unknown): unknown => (Array.isArray(value) ? value.toReversed() : value);
const wrongField = { 'data.details.field': 'elsewhere' };
const unknownField = { type: 'Error', data: { code: 400, message: 'unknown field', details: { field: 'frame' } } };

/** For each rule, how a server may break it. */
export const topicsFaults: Readonly<Record<string, MakeFault>> = {
  HS1: refusesPath('/ws/topics'),
  HS2: () => ({ without: ['authorization'] }),
  HS3: closesWith(1008, 1000),
  HS4: tells(error(429), { 'data.code': 503 }),
  HS6: tells(status('connected'), { 'data.details.protocol_version': '2.0' }),
  HS7: tells(type('DirectMessage'), { 'data.payload': 'another' }),
  HS8: tells({ type: 'AuthStatus', data: { status: 'token_expiring' } }, { 'data.refresh_required': false }),
  HS9: endsAfter(500, 1008),
  HS10: tells({ type: 'AuthStatus', data: { status: 'refreshed' } }, { 'data.refresh_required': true }),
  HS11: tells(type('Error'), { 'data.code': 500 }),
  HS12: tells(status('unsubscribed'), { 'data.details.topics': [] }),
  UP1: strictAbout(['type', 'data', 'id', 'timestamp', 'metadata'], unknownField),
  UP2: tells(type('Ack'), { 'data.message_id': 'another' }),
  UP3: tellsLate(type('Pong')),
  UP4: tellsMore(status('subscribed'), { type: 'Ack', data: { message_id: '', status: 'subscribed' } }),
  UP5: tells(type('Pong'), { 'data.timestamp': more }),
  UP6: tells(status('subscribed'), { 'data.details.active_subscriptions': more }),
  UP7: tells(error(400), { 'data.code': 404 }),
  UP8: tells(error(403), { 'data.details.topics': [] }),
  UP9: tells(status('unsubscribed'), { 'data.details.active_subscriptions': more }),
  UP10: tells(type('Ack'), { 'data.recipients': more }),
  UP11: tellsLate(type('Pong')),
  UP12: tells(type('Broadcast')),
  UP13: tells(type('Ack'), { 'data.delivered_to': [] }),
  UP14: tells(error(404), { 'data.details.queued': false }),
  UP15: tells(error(404), { 'data.details.queued': true }),
  UP16: hears(type('DirectMessage'), {
    'data.target_user': (name: unknown) => (String(name).startsWith('c') ? 'nobody' : name),
  }),
  UP17: hears(type('DirectMessage'), { 'metadata.ttl': undefined }),
  UP18: tells(type('Broadcast'), { 'data.metadata': { sent_at: 1_700_000_000_000, message_id: 'm', sequence: 1 } }),
  UP19: tellsOften(type('Broadcast')),
  UP20: confuses(
    (json) => at(json, 'id'),
    (json) => ({ type: 'Ack', data: { message_id: at(json, 'id'), status: 'delivered', recipients: 1 } }),
  ),
  UP21: tells(type('Presence'), { 'data.status': 'online' }),
  UP22: tells({ type: (value) => String(value).startsWith('X-') }, { data: null }),
  UP23: tells(type('History'), { 'data.messages': reversed }),
  UP24: hears(type('Batch'), { 'data.messages': reversed }),
  UP25: tells(type('Error'), {
    'data.details.field': (field: unknown) => String(field).replace(/^data\.messages\.\d+\./, ''),
  }),
  DN1: tells(type('Broadcast'), { 'data.metadata.sent_at': undefined }),
  DN2: tellsOften(type('Broadcast')),
  DN3: neverTells(type('Broadcast')),
  DN4: tells(type('DirectMessage'), { 'data.from_user': 'nobody' }),
  DN5: tells(type('Notification'), { 'data.actions': undefined }),
  DN6: tells(type('Presence'), { 'data.last_seen': undefined }),
  DN7: tells(status('subscribed'), { 'data.details.presence': undefined }),
  DN8: tells(type('Broadcast'), { 'data.metadata.sent_at': (ms: unknown) => Math.floor(Number(ms) / 1_000) }),
  KA1: endsAfter(500, 1001),
  KA2: endsAfter(500, 1001),
  ER1: tells(type('Error'), { 'data.message': undefined }),
  ER2: tells(error(400), { 'data.details.field': undefined }),
  ER3: tells(error(400), wrongField),
  ER4: closesWith(1008, 1000),
  ER6: tells(error(503), { 'data.code': 500 }),
  ER7: closesWith(1008, 1000),
  ER8: closesWith('any', 4000),
  ER9: tells(error(400), { 'data.code': 500 }),
  RC1: tellsOften(type('Broadcast')),
  RC2: tells(status('subscribed'), { 'data.details.recovered': undefined }),
  RC3: tells(status('subscribed'), {
    'data.details.recovered': (topics: unknown) =>
      isRecord(topics)
        ? Object.fromEntries(
            Object.entries(topics).map(([name, of]) => [name, { ...(isRecord(of) ? of : {}), recovered: true }]),
          )
        : topics,
  }),
  RC4: hears(type('Subscribe'), { 'data.recover': undefined }),
  RC5: hears(type('Subscribe'), { 'data.recover': undefined }),
  BN1: tells(status('binary_received'), { 'data.details.type': 'broadcast' }),
  BN2: tells(status('binary_received'), { 'data.details.checksum': 'sha256:00' }),
  BN3: tells(error(400), wrongField),
  BN4: hears(type('BinaryRoute'), { 'data.topic': undefined, 'data.target_user': undefined }),
  BN5: garbles(-1),
  BN6: neverTells(status('binary_received')),
  LM1: tells(error(429), { 'data.code': 503 }),
  LM2: tells(error(429), { 'data.details.retry_after_ms': undefined }),
  LM3: tells(error(429), { 'data.code': 503 }),
  LM4: tells(error(400), { 'data.code': 500 }),
  LM5: closesWith(1008, 1013),
};
