import { at, isRecord } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ask, check, enter, error, expectNothing, fromServer, message } from './steps.js';

const STRIKES = 20;
const cursor = { x: 1, y: 2, viewportX: 3, viewportY: 4, timestamp: 5 };
const ping = { timestamp: 1 };

/** Texts that are no message at all. */
const noMessages: readonly string[] = [
  '',
  'nonsense',
  '{"type":"ping"',
  '\ufeff{"type":"ping"}',
  'null',
  '[]',
  '"ping"',
  '1',
];

/** A message that is right but for one field, and the path of that field. */
const wrong: readonly (readonly [object, string])[] = [
  [{}, 'type'],
  [message('ping', ping, { type: 1 }), 'type'],
  [message('dance', {}), 'type'],
  [message('connected', {}), 'type'],
  [message('toString', {}), 'type'],
  [message('ping', ping, { id: 'not-a-uuid' }), 'id'],
  [message('ping', ping, { id: undefined }), 'id'],
  [message('ping', ping, { version: 2 }), 'version'],
  [message('ping', ping, { version: '1' }), 'version'],
  [message('ping', ping, { timestamp: null }), 'timestamp'],
  [message('ping', ping, { roomId: 7 }), 'roomId'],
  [message('ping', ping, { roomId: 'no room' }), 'roomId'],
  [message('ping', ping, { sessionId: 7 }), 'sessionId'],
  [message('ping', ping, { acknowledgment: 1 }), 'acknowledgment'],
  [message('ping', undefined), 'payload'],
  [message('ping', {}), 'payload.timestamp'],
  [message('join_room', {}), 'payload.roomId'],
  [message('join_room', { roomId: 'evt.room.>' }), 'payload.roomId'],
  [message('join_room', { roomId: 'a', lastSyncVersion: 'x' }), 'payload.lastSyncVersion'],
  [message('leave_room', {}), 'payload.roomId'],
  [message('cursor_move', { ...cursor, x: '1' }), 'payload.x'],
  [message('cursor_move', { ...cursor, y: undefined }), 'payload.y'],
  [message('cursor_move', { ...cursor, viewportX: null }), 'payload.viewportX'],
  [message('cursor_move', { ...cursor, viewportY: [] }), 'payload.viewportY'],
  [message('cursor_move', { ...cursor, timestamp: '5' }), 'payload.timestamp'],
  [message('selection_change', { color: '#fff' }), 'payload.ranges'],
  [message('selection_change', { ranges: [1], color: '#fff' }), 'payload.ranges.0'],
  [message('selection_change', { ranges: [] }), 'payload.color'],
  [message('operation', { version: 1 }), 'payload.operation'],
  [message('operation', { operation: ['a'] }), 'payload.version'],
  [message('operation', { operation: ['a'], version: '1' }), 'payload.version'],
  [message('operation', { operation: ['a'], version: 1, checksum: 7 }), 'payload.checksum'],
  [message('operation', { operation: nested(200), version: 1 }), 'payload.operation'],
  [message('batch', { compressed: false }), 'payload.messages'],
  [message('batch', { messages: [{}] }), 'payload.compressed'],
  [message('connect', { deviceId: 'd', clientVersion: '1' }), 'payload.token'],
  [message('connect', { token: 't', clientVersion: '1' }), 'payload.deviceId'],
  [message('auth', {}), 'payload.token'],
];
/** So that no connection is sent away for too much of it. */
const PER_CONNECTION = STRIKES - 2;

export const malformed: readonly Scenario[] = [
  ...slices(wrong, PER_CONNECTION).map((some, index): Scenario => ({
    rules: ['UP1', 'ER1', 'ER3', 'LM6'],
    title: `what is wrong is named by its path (${index + 1})`,
    async run(context) {
      const member = await enter(context, await context.user());
      for (const [sent, field] of some) {
        const refused = await ask(member, sent, error(3001, { field }));
        const id = isRecord(sent) ? at(sent, 'id') : undefined;
        const told = at(refused.json, 'payload.details.messageId');
        check(told === id || typeof id !== 'string', 'it does not name the message', refused);
      }
      await expectNothing(member, 'more was said');
    },
  })),
  {
    rules: ['ER3', 'ER4'],
    title: 'what is no message at all is named frame, and the connection goes on',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const text of noMessages) {
        member.client.sendText(text);
        await member.client.expect(error(3001, { field: 'frame' }));
      }
      await ask(member, message('ping', ping), fromServer('pong', { timestamp: 1 }));
    },
  },
  {
    rules: ['UP1'],
    title: 'fields that the server does not know are ignored, and those that it may are taken',
    async run(context) {
      const member = await enter(context, await context.user());
      const more = { sessionId: 's', targetUserId: 'u', roomId: 'r', extra: { deep: [1] } };
      await ask(member, message('ping', { ...ping, other: 1 }, more), fromServer('pong', { timestamp: 1 }));
    },
  },
  {
    rules: ['ER4'],
    title: '20 bad messages within 10 s close with 1008; 19 do not',
    async run(context) {
      const member = await enter(context, await context.user());
      for (let n = 1; n < STRIKES; n++) {
        member.client.sendText('nonsense');
        await member.client.expect(error(3001));
      }
      await expectNothing(member, 'more was said');
      member.client.sendText('nonsense');
      await member.client.expect(error(3001));
      await member.client.expectClose(1008);
    },
  },
];

function nested(levels: number): unknown {
  let value: unknown = [];
  for (let n = 0; n < levels; n++) value = [value];
  return value;
}

function slices<T>(list: readonly T[], length: number): readonly (readonly T[])[] {
  const count = Math.ceil(list.length / length);
  return Array.from({ length: count }, (_, index) => list.slice(index * length, (index + 1) * length));
}
