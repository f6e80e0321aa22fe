import { devices, shardOf, watch, type DeviceId, type UserId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, valueOf, WatchFixture, type Party } from '../test/watch-fixture.js';
import { WatchSessionRepository } from './watch-session.repository.js';

const GRACE = 10_000;
const SETTLE = 6_000;
const DAY = 86_400_000;
let fixture: WatchFixture;
let owner: UserId;
let deviceId: DeviceId;
let device: Party;
let viewer: Party;

beforeEach(async () => {
  fixture = await WatchFixture.start({ PARLEY_WATCH_HELD_SIGNALS_MAX: '3', PARLEY_WATCH_HELD_BYTES_MAX: '1024' });
  owner = fixture.user();
  ({ deviceId } = await fixture.device(owner, 'cam'));
  device = await fixture.connect(deviceId);
  viewer = fixture.party();
  fixture.pass(SETTLE);
});
afterEach(() => fixture.stop());

async function deviceLeaves(): Promise<void> {
  valueOf(await fixture.bus.call(devices.disconnect, { deviceId, connectionId: device.connectionId }));
}

async function isOnline(): Promise<boolean> {
  return valueOf(await fixture.bus.call(devices.get, { actorId: owner, deviceId })).online;
}

describe('a device that returns', () => {
  it('hears of the sessions that ended meanwhile: whom it is not shared with any more sees nothing', async () => {
    const guest = fixture.user();
    valueOf(await fixture.bus.call(devices.share, { actorId: owner, deviceId, userId: guest }));
    const id = await fixture.ready(deviceId, guest, viewer);
    await deviceLeaves();
    valueOf(await fixture.bus.call(devices.unshare, { actorId: owner, deviceId, userId: guest }));
    fixture.pass(DAY);
    const back = await fixture.connect(deviceId);
    await back.until('ended error');
    expect(back.told).toMatchObject([{ type: 'ended', sessionId: id, reason: 'error' }]);
  });

  it('hears also what its connection was told before it was replaced, but nothing old', async () => {
    const end = async (sessionId: Awaited<ReturnType<typeof fixture.ready>>): Promise<void> => {
      valueOf(await fixture.bus.call(watch.end, { sessionId, userId: owner, connectionId: viewer.connectionId }));
    };
    await end(await fixture.ready(deviceId, owner, viewer));
    fixture.pass(121_000);
    await end(await fixture.ready(deviceId, owner, viewer));
    const pending = await fixture.ready(deviceId, owner, viewer);
    const newer = await fixture.connect(deviceId);
    await newer.until('ended user_ended', 'requested');
    expect(newer.heard).toEqual(['ended user_ended', 'requested']);
    expect(newer.told[1]).toMatchObject({ sessionId: pending });
  });

  it('gets a request with the offer that waits for it, in this order', async () => {
    const id = await fixture.ready(deviceId, owner, viewer);
    await deviceLeaves();
    valueOf(await fixture.fromViewer(id, owner, viewer, 'ice', '1'));
    valueOf(await fixture.fromViewer(id, owner, viewer, 'offer', 'o'));
    valueOf(await fixture.fromViewer(id, owner, viewer, 'ice', '2'));
    const back = await fixture.connect(deviceId);
    await back.until('requested', 'offer o', 'ice 1', 'ice 2');
    expect(back.heard).toEqual(['requested', 'offer o', 'ice 1', 'ice 2']);
  });

  it('has so much waiting for it, and no more', async () => {
    const id = await fixture.ready(deviceId, owner, viewer);
    await deviceLeaves();
    valueOf(await fixture.fromViewer(id, owner, viewer, 'ice', 'x'.repeat(1_000)));
    expect(codeOf(await fixture.fromViewer(id, owner, viewer, 'ice', 'x'.repeat(100)))).toBe('limit_exceeded');
    for (const body of ['1', '2']) valueOf(await fixture.fromViewer(id, owner, viewer, 'ice', body));
    expect(codeOf(await fixture.fromViewer(id, owner, viewer, 'ice', '3'))).toBe('limit_exceeded');
    expect(codeOf(await fixture.fromViewer(id, owner, viewer, 'ice', 'x'.repeat(70_000)))).toBe('too_large');
    fixture.pass(GRACE + 1);
    await fixture.untilEnded(owner, id, 'device_disconnected');
    expect(await fixture.database.kysely.selectFrom('held_signals').selectAll().execute()).toEqual([]);
  });
});

describe('a gateway that is believed to be gone', () => {
  it('was only cut off: its device is found again, without having noticed', async () => {
    await fixture.loseGateway(device.gatewayId);
    await waitFor(async () => !(await isOnline()), 'the device to be lost');
    const id = fixture.ready(deviceId, owner, viewer);
    await expect(id).rejects.toThrow('offline');
    fixture.pass(10_000);
    await waitFor(isOnline, 'the device to be found again');
    await fixture.ready(deviceId, owner, viewer);
    await device.until('requested');
    expect(device.heard).toEqual(['requested']);
  });

  it('was cut off for longer: its device is found again once presence knows of it', async () => {
    await fixture.loseGateway(device.gatewayId);
    await waitFor(async () => !(await isOnline()), 'the device to be lost');
    fixture.gone.add(device.connectionId);
    const asked = fixture.aliveAsked;
    fixture.pass(60_000);
    await waitFor(() => fixture.aliveAsked > asked + 1, 'presence to have been asked');
    expect(await isOnline()).toBe(false);
    fixture.gone.delete(device.connectionId);
    await waitFor(isOnline, 'the device to be found again');
  });

  it('is gone: its device stays away, and some time later is asked about no more', async () => {
    await fixture.loseGateway(device.gatewayId);
    await waitFor(async () => !(await isOnline()), 'the device to be lost');
    fixture.gone.add(device.connectionId);
    fixture.pass(900_000);
    await waitFor(async () => {
      const doubted = fixture.database.kysely.selectFrom('devices').where('doubted_connection_id', 'is not', null);
      return (await doubted.select('device_id').execute()).length === 0;
    }, 'the doubt to be settled');
    expect(await isOnline()).toBe(false);
  });
});

describe('a viewer that returns', () => {
  it('is told which of the sessions it names have ended', async () => {
    const [over, lost] = [await fixture.ready(deviceId, owner, viewer), fixture.party()];
    await fixture.ready(deviceId, owner, viewer);
    const going = await fixture.ready(deviceId, owner, lost);
    valueOf(await fixture.bus.call(watch.disconnectViewer, { userId: owner, connectionId: lost.connectionId }));
    const back = fixture.party();
    const request = { userId: owner, ...back.link, sessionIds: [over, going] };
    expect(valueOf(await fixture.bus.call(watch.connectViewer, request)).sessionIds).toEqual([going]);
    await back.until('ended user_ended');
    expect(back.told).toMatchObject([{ type: 'ended', sessionId: over, reason: 'user_ended' }]);
    const strange = { userId: fixture.user(), ...fixture.party().link, sessionIds: [over, going] };
    expect(valueOf(await fixture.bus.call(watch.connectViewer, strange)).sessionIds).toEqual([]);
  });
});

describe('who was thrown out', () => {
  it('is not waited for: a viewer’s sessions on that connection end at once, and no others', async () => {
    const [id, elsewhere] = [await fixture.ready(deviceId, owner, viewer), fixture.party()];
    const other = await fixture.ready(deviceId, owner, elsewhere);
    const gone = { userId: owner, connectionId: viewer.connectionId, final: true };
    valueOf(await fixture.bus.call(watch.disconnectViewer, gone));
    expect(await fixture.session(owner, id)).toMatchObject({ reason: 'viewer_disconnected' });
    expect(await fixture.session(owner, other)).toMatchObject({ state: 'requested' });
    await device.until('requested', 'requested', 'ended viewer_disconnected');
    expect(device.heard.at(-1)).toBe('ended viewer_disconnected');
  });

  it('is not waited for: neither is a device, unless another connection stands for it by now', async () => {
    const id = await fixture.ready(deviceId, owner, viewer);
    const newer = await fixture.connect(deviceId);
    const leave = async ({ connectionId }: Party): Promise<void> => {
      valueOf(await fixture.bus.call(devices.disconnect, { deviceId, connectionId, final: true }));
    };
    await leave(device);
    expect(await fixture.session(owner, id)).toMatchObject({ state: 'requested' });
    await leave(newer);
    expect(await fixture.session(owner, id)).toMatchObject({ reason: 'device_disconnected' });
    await viewer.until('ended device_disconnected');
  });
});

it('what is too old to be asked for is forgotten, and nothing that goes on', async () => {
  const over = await fixture.ready(deviceId, owner, viewer);
  const going = await fixture.ready(deviceId, owner, viewer);
  const sessions = new WatchSessionRepository(fixture.database);
  expect(await sessions.forget([shardOf(deviceId)], fixture.now(), 100)).toBe(1);
  expect(await fixture.session(owner, over)).toBeUndefined();
  expect(await fixture.session(owner, going)).toMatchObject({ state: 'requested' });
});
