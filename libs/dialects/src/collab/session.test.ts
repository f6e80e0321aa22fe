import { fail, newConnectionId, ok, roomEvent, rooms } from '@parley/contracts';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { binaryFrame } from '../frame.js';
import {
  aConnection,
  aLogin,
  aMember,
  anEvent,
  aRoomId,
  aSession,
  message,
  MINUTE,
  operationOf,
} from '../testing/collab.js';
import { collab } from './index.js';
import { keepAlive } from './keepalive.js';

const anyText: unknown = expect.any(String);
const error = (code: number, details: object = {}, recoverable?: boolean) => ({
  type: 'error',
  payload: { code, message: anyText, details, ...(recoverable === undefined ? {} : { recoverable }) },
});
const connectOf = (token: string, over: object = {}) =>
  message('connect', { token, deviceId: 'laptop', clientVersion: '2.1.0', ...over });
const cursor = { x: 1, y: 2, viewportX: 3, viewportY: 4, timestamp: 5 };

describe('handshake', () => {
  it('HS1: is served on a path of its own', () => {
    expect(collab.endpoints).toEqual([{ path: '/ws/collab' }]);
  });

  it('HS3: a rejected token is told, then closed', async () => {
    const harness = aSession();
    await harness.open(fail('unauthenticated', 'expired'));
    expect(harness.log.at(-1)).toMatchObject({ kind: 'close', code: 1008 });
    expect(harness.take()).toMatchObject([error(1001, {}, false)]);
    await harness.send(message('ping', { timestamp: 1 }));
    expect(harness.log).toEqual([]);
  });

  it('HS3: so is one that comes with connect', async () => {
    const harness = aSession();
    await harness.open(undefined);
    await harness.send(connectOf('rubbish'));
    expect(harness.log.at(-1)).toMatchObject({ kind: 'close', code: 1008 });
    expect(harness.take()).toMatchObject([error(1001, {}, false)]);
  });

  it('HS4: one connection too many is told, then closed', async () => {
    const harness = aSession();
    harness.logIn = fail('limit_exceeded', 'too many connections');
    await harness.open(ok(aLogin()));
    expect(harness.log.at(-1)).toEqual({ kind: 'close', code: 1008, reason: 'too many connections' });
    expect(harness.take()).toMatchObject([error(1002, { retryAfterMs: 30_000 }, true)]);
  });

  it('HS2, HS5: the upgrade’s token is answered by connected', async () => {
    const [login, connectionId] = [aLogin(), newConnectionId()];
    const harness = aSession({ connectionId });
    await harness.open(ok(login));
    expect(harness.log[0]).toEqual({ kind: 'log-in', login });
    expect(harness.take()).toMatchObject([
      {
        type: 'connected',
        version: 1,
        timestamp: harness.now,
        payload: { connectionId, userId: login.userId, serverTime: harness.now, protocol: 1 },
      },
    ]);
    expect(harness.timers.get('token-expired')).toBe(login.expiresAt);
  });

  it('HS5, HS8, BN6: so is connect, which can name an earlier connection and ask for binary frames', async () => {
    const [login, earlier] = [aLogin(), newConnectionId()];
    const harness = aSession();
    harness.tokens.set('good', login);
    await harness.open(undefined);
    expect(harness.log).toEqual([]);
    await harness.send(connectOf('good', { connectionId: earlier, binary: true }));
    expect(harness.log[0]).toEqual({ kind: 'log-in', login, replaces: earlier });
    expect(harness.log.at(-1)).toEqual({ kind: 'prefer-alternative' });
    await harness.send(message('join_room', { roomId: 'notes' }));
    expect(harness.calls('rooms.join')).toMatchObject([{ request: { replaces: earlier } }]);
    expect(harness.take()).toMatchObject([{ type: 'connected' }, { type: 'room_joined' }]);
  });

  it('HS6: nothing else is looked at before', async () => {
    const harness = aSession();
    await harness.open(undefined);
    const early = message('join_room', { roomId: 'notes' });
    await harness.send(early);
    await harness.send(message('join_room', {}));
    await harness.receive(binaryFrame(new Uint8Array(3)));
    expect(harness.log.map(({ kind }) => kind)).toEqual(['frame', 'strike', 'frame', 'strike', 'frame', 'strike']);
    expect(harness.take()).toMatchObject([
      error(1001, { messageId: early.id }),
      error(3001, { field: 'payload.roomId' }),
      error(3001, { field: 'frame' }),
    ]);
  });

  it('HS9: the URL can say what connect says', async () => {
    const earlier = newConnectionId();
    const harness = aSession({ query: `connectionId=${earlier}&binary=true` });
    await harness.open(ok(aLogin()));
    expect(harness.log[0]).toMatchObject({ kind: 'log-in', replaces: earlier });
    expect(harness.log.at(-1)).toEqual({ kind: 'prefer-alternative' });
    const other = aSession({ query: 'connectionId=nonsense&binary=1' });
    await other.open(ok(aLogin()));
    expect(other.log[0]).not.toHaveProperty('replaces');
    expect(other.log.at(-1)).toMatchObject({ kind: 'frame' });
  });

  it('HS10: who is logged in may connect all the same', async () => {
    const [login, earlier] = [aLogin(), newConnectionId()];
    const harness = await aConnection(login);
    harness.tokens.set('fresh', { ...login, expiresAt: login.expiresAt + MINUTE });
    await harness.send(connectOf('fresh', { connectionId: earlier, binary: true }));
    expect(harness.timers.get('token-expired')).toBe(login.expiresAt + MINUTE);
    expect(harness.log.map(({ kind }) => kind)).toEqual(['renew', 'prefer-alternative', 'frame']);
    await harness.send(message('join_room', { roomId: 'notes' }));
    expect(harness.calls('rooms.join')).toMatchObject([{ request: { replaces: earlier } }]);
    harness.answer(rooms.submit, () => ok({ result: 'repeated', version: 6 }));
    harness.takeLog();
    await harness.send(connectOf('fresh'));
    await harness.send(operationOf([]));
    await harness.settled();
    expect(harness.take()).toMatchObject([{ type: 'connected' }, { type: 'ack', roomId: 'notes' }]);
  });
});

describe('the token', () => {
  it('HS11: ends the connection when it ends', async () => {
    const harness = await aConnection();
    await harness.fire('token-expired');
    expect(harness.log.at(-1)).toEqual({ kind: 'close', code: 1008, reason: 'token expired' });
    expect(harness.take()).toMatchObject([error(1001, {}, false)]);
  });

  it('HS12, UP2: is renewed in place', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    const fresh = aLogin({ userId: login.userId, expiresAt: login.expiresAt + 15 * MINUTE });
    harness.tokens.set('fresh', fresh);
    const auth = message('auth', { token: 'fresh' }, { acknowledgment: true });
    await harness.send(auth);
    expect(harness.log[0]).toEqual({ kind: 'renew', login: fresh });
    expect(harness.take()).toMatchObject([
      { type: 'auth_renewed', payload: { expiresAt: fresh.expiresAt } },
      { type: 'ack', payload: { messageId: auth.id } },
    ]);
    expect(harness.timers.get('token-expired')).toBe(fresh.expiresAt);
  });

  it('HS13: stays as it is when the new one is no good', async () => {
    const login = aLogin();
    const harness = await aConnection(login);
    harness.tokens.set('foreign', aLogin());
    for (const one of [message('auth', { token: 'rubbish' }), connectOf('foreign')]) await harness.send(one);
    expect(harness.take()).toMatchObject([
      error(1001, { field: 'payload.token' }),
      error(2003, { field: 'payload.token' }),
    ]);
    expect(harness.timers.get('token-expired')).toBe(login.expiresAt);
  });
});

describe('keep-alive', () => {
  it('UP12, UP2: ping is answered with what it said', async () => {
    const harness = await aConnection();
    const ping = message('ping', { timestamp: 123 }, { acknowledgment: true });
    await harness.send(ping);
    expect(harness.take()).toMatchObject([
      { type: 'pong', payload: { timestamp: 123, serverTime: harness.now } },
      { type: 'ack', payload: { messageId: ping.id } },
    ]);
  });

  it('KA1, KA2: asks on the level of WebSocket only, and gives up after 75 s', () => {
    expect(keepAlive).toEqual({ probeAfterMs: 30_000, silentAfterMs: 75_000 });
  });
});

describe('bad input', () => {
  it('ER3, ER4: is answered and struck, and the connection goes on', async () => {
    const harness = await aConnection();
    const bad = message('join_room', { roomId: '' });
    await harness.send(bad);
    await harness.receive({ data: '{', binary: false });
    await harness.receive({ data: Uint8Array.of(1, 2, 3), binary: true });
    await harness.send(message('ping', { timestamp: 1 }));
    expect(harness.log.map(({ kind }) => kind)).toEqual([
      'frame',
      'strike',
      'frame',
      'strike',
      'frame',
      'strike',
      'frame',
    ]);
    expect(harness.take()).toMatchObject([
      error(3001, { field: 'payload.roomId', messageId: bad.id }, false),
      error(3001, { field: 'frame' }),
      error(3001, { field: 'frame' }),
      { type: 'pong' },
    ]);
  });
});

describe('limits', () => {
  it('LM1, LM4: cursors and selections, binary ones included', async () => {
    const { harness } = await aMember(['notes'], { limits: { cursorsPerSecond: 2 } });
    await harness.send(message('cursor_move', cursor));
    await harness.receive(binaryFrame(Uint8Array.from([0, 1, ...Array<number>(16).fill(0)])));
    harness.takeLog();
    const refused = message('selection_change', { ranges: [], color: '#fff' });
    await harness.send(refused);
    expect(harness.take()).toMatchObject([error(1003, { messageId: refused.id, retryAfterMs: 500 }, true)]);
    harness.now += 500;
    await harness.send(message('cursor_move', cursor));
    expect(harness.log).toMatchObject([{ kind: 'emit' }]);
  });

  it('LM2: operations, those in batches included', async () => {
    const { harness } = await aMember(['notes'], { limits: { operationsPerSecond: 2 } });
    harness.answer(rooms.submit, () => ok({ result: 'repeated', version: 6 }));
    const operations = [operationOf([]), operationOf([]), operationOf([])];
    await harness.send(message('batch', { messages: operations, compressed: false }));
    await harness.settled();
    const frames = harness.take();
    expect(frames).toHaveLength(3);
    expect(frames).toContainEqual(expect.objectContaining({ type: 'error' }));
    expect(frames).toMatchObject(
      frames.map((frame) =>
        typeof frame === 'object' && frame !== null && 'type' in frame && frame.type === 'error'
          ? error(1003, { messageId: operations[2]?.id })
          : { type: 'ack' },
      ),
    );
  });

  it('LM3, LM7: any message; who goes on nevertheless is sent away', async () => {
    const harness = await aConnection(aLogin(), { limits: { messagesPerSecond: 1, messageBurst: 1 } });
    for (let i = 0; i < 12; i++) await harness.send(message('ping', { timestamp: i }));
    expect(harness.log.at(-1)).toEqual({ kind: 'close', code: 1008, reason: 'too many messages' });
    const frames = harness.take();
    expect(frames).toHaveLength(12);
    expect(frames[0]).toMatchObject({ type: 'pong' });
    expect(frames.slice(1)).toMatchObject(Array(11).fill(error(1003)));
  });

  it('LM3: compressed batches are rarer: five at once, then one a second', async () => {
    const harness = await aConnection();
    const messages = gzipSync(JSON.stringify([message('ping', { timestamp: 7 })])).toString('base64');
    const answers: unknown[] = [];
    for (let i = 0; i < 7; i++) {
      if (i === 6) harness.now += 1_000;
      await harness.send(message('batch', { messages, compressed: true }));
      answers.push(...harness.take());
    }
    const pong = { type: 'pong' };
    expect(answers).toMatchObject([pong, pong, pong, pong, pong, error(1003, { retryAfterMs: 1_000 }), pong]);
  });
});

describe('the end', () => {
  it('HS8: leaves its rooms as one who may come back', async () => {
    const { harness, connectionId } = await aMember(['notes', 'plans']);
    await harness.end('shutdown');
    harness.takeLog();
    expect(await harness.close()).toEqual([ok({}), ok({})]);
    expect(harness.calls('rooms.leave').map(({ request }) => request)).toEqual([
      { roomId: 'notes', connectionId, lost: true },
      { roomId: 'plans', connectionId, lost: true },
    ]);
  });

  it('says nothing when it was never anywhere', async () => {
    expect(aSession().session.closed()).toEqual([]);
    const harness = await aConnection();
    expect(harness.session.closed()).toEqual([]);
    const deleted = anEvent(roomEvent, aRoomId(), { type: 'deleted', at: 1 });
    await harness.observe(deleted);
    expect(harness.log).toEqual([]);
  });
});
