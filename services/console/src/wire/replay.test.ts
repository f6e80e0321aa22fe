import { describe, expect, test } from 'vitest';
import { ReplayJudge } from './replay.js';

const NOW = Date.parse('2026-01-01T12:00:00Z');

describe('after a reconnect', () => {
  test('topics: what was sent before the welcome, by the clock of the server', () => {
    const judge = new ReplayJudge('topics', true);
    const sent = (at: number) => ({ type: 'Broadcast', data: { topic: 't', payload: 1, metadata: { sent_at: at } } });
    const welcome = { type: 'Status', data: { status: 'connected', details: { server_time: NOW } } };
    expect(judge.heard(welcome, NOW + 90_000)).toBe(0);
    expect([NOW - 5_000, NOW - 1, NOW, NOW + 1].map((at) => judge.heard(sent(at), NOW))).toEqual([1, 1, 0, 0]);
    expect(judge.heard({ type: 'Pong', data: {} }, NOW)).toBe(0);
  });

  test('chat: what was written before READY, and what has no date but follows it at once', () => {
    const judge = new ReplayJudge('chat', true);
    const message = (t: string, d: object, s?: number) => ({ op: 'DISPATCH', t, d, ...(s === undefined ? {} : { s }) });
    expect(judge.heard(message('MESSAGE_CREATE', { created_at: '2026-01-01T11:00:00Z' }, 1), NOW)).toBe(0);
    judge.heard(message('READY', {}), NOW);
    const heard = [
      judge.heard(message('MESSAGE_CREATE', { created_at: '2026-01-01T11:59:59Z', updated_at: null }, 2), NOW + 10),
      judge.heard(message('MESSAGE_DELETE', { id: 'm' }, 3), NOW + 20),
      judge.heard(message('PRESENCE_UPDATE', { status: 'idle' }), NOW + 30),
      judge.heard(message('MESSAGE_CREATE', { created_at: '2026-01-01T12:00:01Z' }, 4), NOW + 1_000),
      judge.heard(message('MESSAGE_DELETE', { id: 'm' }, 5), NOW + 2_000),
    ];
    expect(heard).toEqual([1, 1, 0, 0, 0]);
  });

  test('collab: the operations that were missed', () => {
    const judge = new ReplayJudge('collab', true);
    const joined = (operations: unknown) => ({ type: 'room_joined', payload: { recovered: true, operations } });
    expect([joined([{}, {}, {}]), joined([]), joined(undefined)].map((one) => judge.heard(one, NOW))).toEqual([
      3, 0, 0,
    ]);
    expect(judge.heard({ type: 'operation_broadcast', payload: {} }, NOW)).toBe(0);
  });

  test('watch: what had waited and comes with the welcome', () => {
    const judge = new ReplayJudge('watch', true);
    judge.heard({ type: 'hello_ack' }, NOW);
    const ended = { type: 'watch_ended', payload: {} };
    expect([judge.heard(ended, NOW + 50), judge.heard(ended, NOW + 5_000)]).toEqual([1, 0]);
    expect(judge.heard({ type: 'heartbeat_ack' }, NOW + 50)).toBe(0);
  });
});

test('the first connection replays nothing', () => {
  const judge = new ReplayJudge('collab', false);
  expect(judge.heard({ type: 'room_joined', payload: { operations: [{}] } }, NOW)).toBe(0);
});
