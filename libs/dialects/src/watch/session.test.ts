import { devices, fail, newConnectionId, newUserId, ok, watch } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import type { Happening, Harness } from '../testing/harness.js';
import {
  aConnection,
  aDevice,
  aDeviceId,
  aLogin,
  anEventFor,
  aSessionId,
  aViewer,
  message,
  NOW,
} from '../testing/watch.js';
import { endpoints } from './handshake.js';
import { watch as dialect } from './index.js';

const sessionId = aSessionId();

function kinds(log: readonly Happening[]): string[] {
  return log.map((one) => (one.kind === 'call' ? one.name : one.kind));
}

function error(text: string, requestId?: string): unknown {
  return expect.objectContaining({
    type: 'error',
    payload: { message: text },
    ...(requestId === undefined ? {} : { request_id: requestId }),
  });
}

function closeOf(log: readonly Happening[]): unknown {
  return log.find(({ kind }) => kind === 'close');
}

async function refusedHello(harness: Harness, payload: object): Promise<void> {
  await harness.send(message('hello', payload, 'h1'));
}

it('HL1: there are two endpoints', () => {
  expect(endpoints).toEqual([{ path: '/ws/device' }, { path: '/ws/viewer' }]);
});

it('FM4: silence is 90 s', () => {
  expect(dialect.keepAlive.silentAfterMs).toBe(90_000);
});

describe('the hello of a device', () => {
  it('HL2: the key is looked at, then it counts, listens, is reachable, and is told so', async () => {
    const harness = await aConnection('device');
    const [principalId, ownerId] = [newUserId(), newUserId()];
    harness.answer(devices.authenticate, () => ok({ principalId, ownerId }));
    harness.answer(devices.connect, () => ok({}));
    await harness.send(message('hello', { device_id: 'cam', key: 'secret' }, 'h1'));
    expect(kinds(harness.log)).toEqual([
      'signaling.authenticate-device',
      'log-in',
      'join',
      'signaling.connect-device',
      'frame',
    ]);
    const login = { userId: principalId, username: 'cam', guest: { sponsor: ownerId } };
    expect(harness.log.find(({ kind }) => kind === 'log-in')).toMatchObject({ login });
    expect(harness.take()).toMatchObject([{ type: 'hello_ack', request_id: 'h1', payload: { device_id: 'cam' } }]);
  });

  it.each([
    ['in the hello', {}, { key: 'k1' }],
    ['as ?key=', { query: 'key=k1' }, {}],
    ['where tokens come', { token: 'k1' }, {}],
  ])('HL3: its key comes %s', async (_, connecting, payload) => {
    const harness = await aConnection('device', connecting);
    harness.answer(devices.authenticate, () => fail('unauthenticated', 'no'));
    await refusedHello(harness, { device_id: 'cam', ...payload });
    expect(harness.calls('signaling.authenticate-device')[0]?.request).toEqual({ deviceId: 'cam', key: 'k1' });
  });

  it('HL3: what came with the upgrade is no bad token', async () => {
    const harness = await aConnection('device', { token: 'k1' });
    await harness.open(fail('unauthenticated', 'not a JWT'));
    expect(harness.takeLog()).toEqual([]);
  });

  it.each(['unauthenticated', 'rate_limited'] as const)('HL4: %s is told and closed with 1008', async (code) => {
    const harness = await aConnection('device');
    harness.answer(devices.authenticate, () => fail(code, 'no'));
    await refusedHello(harness, { device_id: 'cam' });
    expect(closeOf(harness.log)).toMatchObject({ code: 1008 });
    expect(harness.take()).toEqual([error('Unauthorized', 'h1')]);
    expect(await harness.close()).toEqual([]);
  });

  it('HL4: an id that could be none is as unknown', async () => {
    const harness = await aConnection('device');
    await refusedHello(harness, { device_id: 'a.b' });
    expect(kinds(harness.takeLog())).toEqual(['frame', 'close']);
  });

  it('HL12: what cannot be looked into now is closed with 1013, a fault of ours with 1011', async () => {
    for (const [code, closed] of [
      ['unavailable', 1013],
      ['timeout', 1013],
      ['internal', 1011],
    ] as const) {
      const harness = await aConnection('device');
      harness.answer(devices.authenticate, () => fail(code, 'no'));
      await refusedHello(harness, { device_id: 'cam' });
      expect(closeOf(harness.takeLog())).toMatchObject({ code: closed });
    }
  });

  it('HL10: the older connection is closed with 1000, and has nothing to say when it goes', async () => {
    const connectionId = newConnectionId();
    const harness = await aDevice(aDeviceId(), newUserId(), { connectionId });
    await harness.observe(anEventFor(connectionId, { type: 'closed', at: NOW, reason: 'replaced' }));
    expect(harness.takeLog()).toEqual([{ kind: 'close', code: 1000, reason: 'replaced' }]);
    expect(await harness.close()).toEqual([]);
  });

  it('HL16: a deleted device is told and closed with 1008', async () => {
    const connectionId = newConnectionId();
    const harness = await aDevice(aDeviceId(), newUserId(), { connectionId });
    await harness.observe(anEventFor(connectionId, { type: 'closed', at: NOW, reason: 'deleted' }));
    expect(closeOf(harness.log)).toMatchObject({ code: 1008 });
    expect(harness.take()).toEqual([error('Device not found')]);
  });
});

describe('the hello of a viewer', () => {
  it('HL5: the token of the hello or that of the upgrade', async () => {
    const login = aLogin();
    for (const upgraded of [true, false]) {
      const harness = await aConnection('viewer', upgraded ? { login } : {});
      harness.tokens.set('t1', login);
      harness.answer(watch.connectViewer, () => ok({ sessionIds: [] }));
      await harness.send(message('hello', upgraded ? {} : { token: 't1' }));
      expect(harness.log).toContainEqual({ kind: 'log-in', login });
      expect(harness.timers.get('token-expired')).toBe(login.expiresAt);
      expect(harness.take()).toMatchObject([{ type: 'hello_ack', payload: { user_id: login.userId } }]);
    }
  });

  it('HL6: an invalid token, whichever way it came, or none', async () => {
    const upgraded = await aConnection('viewer');
    await upgraded.open(fail('unauthenticated', 'expired'));
    const inside = await aConnection('viewer');
    await inside.send(message('hello', { token: 'bad' }));
    const without = await aConnection('viewer');
    await without.send(message('hello'));
    for (const harness of [upgraded, inside, without]) {
      expect(closeOf(harness.log)).toMatchObject({ code: 1008 });
      expect(harness.take()).toEqual([error('Invalid token')]);
    }
  });

  it('HL15: it may name the sessions that it goes on with', async () => {
    const harness = await aConnection('viewer', { login: aLogin() });
    harness.answer(watch.connectViewer, () => ok({ sessionIds: [sessionId] }));
    await harness.send(message('hello', { sessions: [sessionId, 'none'] }));
    expect(harness.calls('signaling.connect-viewer')[0]?.request).toMatchObject({ sessionIds: [sessionId] });
  });

  it('HL11: too many connections', async () => {
    const harness = await aConnection('viewer', { login: aLogin() });
    harness.logIn = fail('limit_exceeded', 'enough');
    await harness.send(message('hello'));
    expect(closeOf(harness.takeLog())).toEqual({ kind: 'close', code: 1008, reason: 'too many connections' });
  });

  it('HL13: a fresh token of the same user renews; any other changes nothing', async () => {
    const login = aLogin();
    const harness = await aViewer(login);
    const fresh = { ...login, expiresAt: login.expiresAt + 60_000 };
    harness.tokens.set('fresh', fresh);
    harness.tokens.set('other', aLogin());
    await harness.send(message('auth', { token: 'fresh' }, 'a1'));
    expect(harness.timers.get('token-expired')).toBe(fresh.expiresAt);
    expect(harness.take()).toEqual([expect.objectContaining({ type: 'auth_ack', request_id: 'a1' })]);
    for (const token of ['other', 'none']) {
      await harness.send(message('auth', { token }, 'a2'));
      expect(harness.take()).toEqual([error('Invalid token', 'a2')]);
    }
  });

  it('HL14: at the expiry of the token', async () => {
    const harness = await aViewer();
    await harness.fire('token-expired');
    expect(closeOf(harness.log)).toMatchObject({ code: 1008, reason: 'token expired' });
    expect(harness.take()).toEqual([error('Invalid token')]);
    expect(await harness.close()).toHaveLength(1);
  });
});

describe('order', () => {
  it.each([
    ['device', 'heartbeat', {}],
    ['device', 'device_presence', {}],
    ['viewer', 'watch_request', { device_id: 'cam' }],
    ['viewer', 'end_watch', { session_id: 's' }],
  ] as const)('HL7: a %s that begins with %s', async (role, type, payload) => {
    const harness = await aConnection(role, role === 'viewer' ? { login: aLogin() } : {});
    await harness.send(message(type, payload, 'r1'));
    expect(kinds(harness.log)).toEqual(['frame', 'strike']);
    expect(harness.take()).toEqual([error('Unauthorized', 'r1')]);
  });

  it('HL9: a second hello changes nothing', async () => {
    const harness = await aViewer();
    await harness.send(message('hello', { token: 'x' }, 'r1'));
    expect(kinds(harness.takeLog())).toEqual(['frame', 'strike']);
    await harness.send(message('heartbeat'));
    expect(harness.take()).toHaveLength(1);
  });

  it('FM5: bad input is answered and counted', async () => {
    const harness = await aViewer();
    await harness.send(message('watch_request', {}, 'r1'));
    expect(kinds(harness.log)).toEqual(['frame', 'strike']);
    expect(JSON.stringify(harness.take())).toContain('payload.device_id: ');
  });
});

describe('watching', () => {
  it.each([
    ['Device not found', fail('not_found', 'no')],
    ['Unauthorized', fail('forbidden', 'no')],
    ['Too many viewers', fail('limit_exceeded', 'Too many viewers')],
    ['Service unavailable, try again later', fail('timeout', 'late')],
  ] as const)('WT2, FM2: %s', async (text, outcome) => {
    const harness = await aViewer();
    harness.answer(watch.request, () => outcome);
    await harness.send(message('watch_request', { device_id: 'cam' }, 'r1'));
    expect(harness.take()).toEqual([error(text, 'r1')]);
  });

  it('WT2: an id that could be none is not found', async () => {
    const harness = await aViewer();
    await harness.send(message('watch_request', { device_id: '*' }, 'r1'));
    expect(harness.take()).toEqual([error('Device not found', 'r1')]);
  });

  it('WT3: signals go to the service with their bytes and whose they are', async () => {
    const [device, login] = [await aDevice(aDeviceId('cam')), aLogin()];
    const viewer = await aViewer(login);
    for (const harness of [device, viewer]) harness.answer(watch.signal, () => ok({}));
    await device.send(message('signal_answer', { session_id: sessionId, sdp: { type: 'answer', sdp: 'v=0' } }));
    await viewer.send(message('signal_ice', { session_id: sessionId, candidate: null }));
    const [answer] = device.calls('signaling.relay-watch-signal');
    const [ice] = viewer.calls('signaling.relay-watch-signal');
    expect(answer?.request).toMatchObject({ sessionId, type: 'answer', from: { role: 'device', deviceId: 'cam' } });
    expect(new TextDecoder().decode(answer?.body)).toBe('{"type":"answer","sdp":"v=0"}');
    expect(ice?.request).toMatchObject({ sessionId, type: 'ice', from: { role: 'viewer', userId: login.userId } });
    expect(new TextDecoder().decode(ice?.body)).toBe('null');
    expect([...device.take(), ...viewer.take()]).toEqual([]);
  });

  it.each([
    ['not_found', 'Session not found'],
    ['forbidden', 'Unauthorized'],
  ] as const)('WT4: %s', async (code, text) => {
    const harness = await aViewer();
    harness.answer(watch.signal, () => fail(code, 'no'));
    harness.answer(watch.end, () => fail(code, 'no'));
    await harness.send(message('signal_ice', { session_id: sessionId, candidate: null }, 'r1'));
    await harness.send(message('end_watch', { session_id: sessionId }, 'r2'));
    expect(harness.take()).toEqual([error(text, 'r1'), error(text, 'r2')]);
  });

  it('WT4: an id that could be none is no session', async () => {
    const harness = await aViewer();
    await harness.send(message('signal_ice', { session_id: 'x', candidate: null }, 'r1'));
    await harness.send(message('end_watch', { session_id: 'x' }, 'r2'));
    const text = 'Session not found';
    expect(harness.take()).toEqual([error(text, 'r1'), error(text, 'r2')]);
  });

  it('WT16: what the service says of a signal is told, and is no bad input', async () => {
    const harness = await aDevice();
    for (const outcome of [
      fail('invalid', 'There is no offer to answer.'),
      fail('too_large', 'A signal may have 65536 bytes.'),
      fail('limit_exceeded', 'Too many signals are waiting for the other side.'),
    ] as const) {
      harness.answer(watch.signal, () => outcome);
      const answer = { session_id: sessionId, sdp: { type: 'answer', sdp: '' } };
      await harness.send(message('signal_answer', answer, 'r1'));
      expect(kinds(harness.log).slice(1)).toEqual(['frame']);
      expect(harness.take()).toEqual([error(outcome.error.message, 'r1')]);
    }
  });

  it('WT5: end_watch is answered', async () => {
    const harness = await aViewer();
    harness.answer(watch.end, () => ok({}));
    await harness.send(message('end_watch', { session_id: sessionId }, 'r1'));
    expect(harness.take()).toEqual([
      expect.objectContaining({
        type: 'watch_ended',
        request_id: 'r1',
        payload: { session_id: sessionId, reason: 'user_ended' },
      }),
    ]);
  });

  it('WT7: the service hears of connections that are gone, of each its own way', async () => {
    const device = await aDevice();
    const viewer = await aViewer();
    await device.end('shutdown');
    await device.close();
    await viewer.close();
    expect(device.calls('signaling.disconnect-device')).toHaveLength(1);
    expect(viewer.calls('signaling.disconnect-viewer')).toHaveLength(1);
  });

  it('WT7: whoever is thrown out is not waited for', async () => {
    for (const [party, gone] of [
      [await aDevice(), 'signaling.disconnect-device'],
      [await aViewer(), 'signaling.disconnect-viewer'],
    ] as const) {
      await party.end('revoked');
      await party.close();
      expect(party.calls(gone)[0]?.request).toMatchObject({ final: true });
    }
    const away = await aViewer();
    await away.end('idle');
    await away.close();
    expect(away.calls('signaling.disconnect-viewer')[0]?.request).not.toHaveProperty('final');
  });

  it('WT8: presence is passed on whole, and answered only when refused', async () => {
    const harness = await aDevice();
    harness.answer(devices.setPresence, () => ok({}));
    await harness.send(message('device_presence', { battery: 85, recording: false }));
    expect(harness.calls('signaling.set-device-presence')[0]?.request).toMatchObject({
      presence: { battery: 85, recording: false },
    });
    expect(harness.take()).toEqual([]);
    harness.answer(devices.setPresence, () => fail('too_large', 'payload: too large'));
    await harness.send(message('device_presence', {}, 'r1'));
    expect(harness.take()).toEqual([error('payload: too large', 'r1')]);
  });

  it('WT9: viewers get the newest presence of a device', () => {
    const deviceId = aDeviceId('cam');
    const event = anEventFor(newConnectionId(), { type: 'presence', at: NOW, deviceId, presence: { battery: 1 } });
    const encoded = dialect.encoders.get(event.kind)?.encode(event);
    expect(encoded).toMatchObject({ delivery: { class: 'newest', key: 'presence cam' } });
  });
});
