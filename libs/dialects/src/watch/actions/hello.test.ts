import { devices, fail, newConnectionId, newUserId, ok, watch } from '@parley/contracts';
import { describe, expect, it } from 'vitest';
import type { Harness } from '../../testing/harness.js';
import { aConnection, aDevice, aLogin, anEventFor, aSessionId, aViewer, message, NOW } from '../../testing/watch.js';

function closeOf(harness: Harness): unknown {
  return harness.takeLog().find(({ kind }) => kind === 'close');
}

async function whoseKeyIsRight(connectionId = newConnectionId()): Promise<Harness> {
  const harness = await aConnection('device', { connectionId });
  harness.answer(devices.authenticate, () => ok({ principalId: newUserId(), ownerId: newUserId() }));
  return harness;
}

describe('a device', () => {
  it.each([
    ['not_found', 1008],
    ['unavailable', 1013],
    ['internal', 1011],
  ] as const)('HL4, HL12: that is known and cannot be connected (%s) is closed with %i', async (code, closed) => {
    const harness = await whoseKeyIsRight();
    harness.answer(devices.connect, () => fail(code, 'no'));
    harness.answer(devices.disconnect, () => ok({}));
    await harness.send(message('hello', { device_id: 'cam' }));
    expect(closeOf(harness)).toMatchObject({ code: closed });
    // Whatever was answered, the service may have taken it for connected.
    await harness.close();
    expect(harness.calls('signaling.disconnect-device')).toHaveLength(1);
  });

  it('HL12: that cannot be listened for is closed with 1013, and was never announced', async () => {
    const harness = await whoseKeyIsRight();
    harness.join = () => fail('unavailable', 'no bus');
    await harness.send(message('hello', { device_id: 'cam' }));
    expect(closeOf(harness)).toMatchObject({ code: 1013 });
    expect(await harness.close()).toEqual([]);
  });

  it('HL3: gives the key of its hello precedence over that of the upgrade, and no key is no key', async () => {
    for (const [query, payload, key] of [
      ['key=old', { key: 'new' }, { key: 'new' }],
      ['key=', {}, {}],
      [`key=${'x'.repeat(201)}`, {}, {}],
      ['', {}, {}],
    ] as const) {
      const harness = await aConnection('device', { query });
      harness.answer(devices.authenticate, () => fail('unauthenticated', 'no'));
      await harness.send(message('hello', { device_id: 'cam', ...payload }));
      expect(harness.calls('signaling.authenticate-device')[0]?.request).toEqual({ deviceId: 'cam', ...key });
    }
  });

  it('HL10: that is replaced while its hello is answered says nothing more', async () => {
    const connectionId = newConnectionId();
    const harness = await whoseKeyIsRight(connectionId);
    harness.answer(devices.connect, () => {
      harness.session.observed(anEventFor(connectionId, { type: 'closed', at: NOW, reason: 'replaced' }));
      return ok({});
    });
    await harness.send(message('hello', { device_id: 'cam' }));
    expect(harness.take()).toHaveLength(1);
    await harness.send(message('heartbeat'));
    expect(harness.take()).toEqual([]);
    expect(await harness.close()).toEqual([]);
  });

  it('WT6: is told what happens without its session’s doing', async () => {
    const connectionId = newConnectionId();
    const harness = await aDevice(undefined, undefined, { connectionId });
    const news = { type: 'ended', at: NOW, sessionId: aSessionId(), reason: 'timeout' } as const;
    await harness.observe(anEventFor(connectionId, news));
    expect(harness.takeLog()).toEqual([]);
  });
});

describe('a viewer', () => {
  it.each([
    ['unavailable', 1013],
    ['internal', 1011],
  ] as const)('HL12: that cannot be connected now (%s) is closed with %i', async (code, closed) => {
    const harness = await aConnection('viewer', { login: aLogin() });
    harness.answer(watch.connectViewer, () => fail(code, 'no'));
    await harness.send(message('hello'));
    expect(closeOf(harness)).toMatchObject({ code: closed });
  });

  it('HL5: the token of the hello counts more than that of the upgrade', async () => {
    const [upgraded, other] = [aLogin(), aLogin()];
    const harness = await aConnection('viewer', { login: upgraded });
    harness.tokens.set('t', other);
    harness.answer(watch.connectViewer, () => ok({ sessionIds: [] }));
    await harness.send(message('hello', { token: 't' }));
    expect(harness.take()).toMatchObject([{ type: 'hello_ack', payload: { user_id: other.userId } }]);
  });

  it('HL15: names no sessions where it names none', async () => {
    const harness = await aConnection('viewer', { login: aLogin() });
    harness.answer(watch.connectViewer, () => ok({ sessionIds: [] }));
    await harness.send(message('hello'));
    expect(harness.calls('signaling.connect-viewer')[0]?.request).not.toHaveProperty('sessionIds');
  });

  it('FM7: that says more than its rate is closed with 1008', async () => {
    const harness = await aViewer(aLogin(), { limits: { messagesPerSecond: 1, messageBurst: 3 } });
    for (let n = 0; n < 5; n++) await harness.send(message('heartbeat'));
    expect(closeOf(harness)).toEqual({ kind: 'close', code: 1008, reason: 'too many messages' });
  });
});
