import { devices, newUserId, watch, type DeviceId, type UserId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, valueOf, WatchFixture, type Party } from '../test/watch-fixture.js';

const GRACE = 10_000;
const SETTLE = 6_000;
let fixture: WatchFixture;
let owner: UserId;
let deviceId: DeviceId;
let device: Party;
let viewer: Party;

beforeEach(async () => {
  fixture = await WatchFixture.start();
  owner = fixture.user();
  ({ deviceId } = await fixture.device(owner, 'kitchen-cam-001'));
  device = await fixture.connect(deviceId);
  viewer = fixture.party();
  fixture.pass(SETTLE);
});
afterEach(() => fixture.stop());

describe('a session', () => {
  it('reaches both parties, byte for byte and in order, and ends for both', async () => {
    const id = await fixture.ready(deviceId, owner, viewer);
    const signals = [
      ['viewer', 'offer', '{"type":"offer", "sdp":"v=0\\r\\n"}'],
      ['viewer', 'ice', '{"candidate":"a"}'],
      ['device', 'answer', '{"sdp":1.0e2,"type":"answer"}'],
      ['device', 'ice', '{"candidate":"b"}'],
      ['device', 'ice', 'null'],
      ['viewer', 'ice', 'null'],
    ] as const;
    for (const [from, type, body] of signals) {
      const sent =
        from === 'viewer'
          ? fixture.fromViewer(id, owner, viewer, type, body)
          : fixture.fromDevice(id, deviceId, device, type, body);
      valueOf(await sent);
    }
    valueOf(await fixture.bus.call(watch.end, { sessionId: id, userId: owner, connectionId: viewer.connectionId }));
    const heardBy = (role: string): string[] =>
      signals.filter(([from]) => from !== role).map(([, type, body]) => `${type} ${body}`);
    const ofDevice = ['requested', ...heardBy('device'), 'ended user_ended'];
    await device.until(...ofDevice);
    expect(device.heard).toEqual(ofDevice);
    await viewer.until(...heardBy('viewer'));
    expect(viewer.heard).toEqual(heardBy('viewer'));
    expect(await fixture.session(owner, id)).toMatchObject({ state: 'ended', reason: 'user_ended', userId: owner });
  });

  it('holds candidates that come before their SDP, and sends them after it', async () => {
    const id = await fixture.ready(deviceId, owner, viewer);
    for (const body of ['1', '2']) valueOf(await fixture.fromViewer(id, owner, viewer, 'ice', body));
    valueOf(await fixture.fromDevice(id, deviceId, device, 'ice', '3'));
    valueOf(await fixture.fromViewer(id, owner, viewer, 'offer', 'o'));
    valueOf(await fixture.fromDevice(id, deviceId, device, 'answer', 'a'));
    valueOf(await fixture.fromViewer(id, owner, viewer, 'ice', '4'));
    await device.until('requested', 'offer o', 'ice 1', 'ice 2', 'ice 4');
    expect(device.heard).toEqual(['requested', 'offer o', 'ice 1', 'ice 2', 'ice 4']);
    await viewer.until('answer a', 'ice 3');
    expect(viewer.heard).toEqual(['answer a', 'ice 3']);
  });

  it('gives each party credentials of its own', async () => {
    const answer = valueOf(await fixture.request(deviceId, owner, viewer));
    await device.until('requested');
    const [requested] = device.told;
    if (answer.result !== 'ready' || requested?.type !== 'requested') throw new Error('not begun');
    const expiry = String(Math.floor(fixture.now() / 1_000) + 3_600);
    expect(answer.iceServers[0]?.username).toBe(`${expiry}:viewer_${owner}_${answer.sessionId}`);
    expect(requested.iceServers[0]?.username).toBe(`${expiry}:device_${deviceId}_${answer.sessionId}`);
    expect(answer.iceServers[0]?.credential).not.toBe(requested.iceServers[0]?.credential);
  });

  it('is one per viewer’s connection and device, and at most eight for a device', async () => {
    const first = await fixture.ready(deviceId, owner, viewer);
    await fixture.ready(deviceId, owner, viewer);
    await fixture.untilEnded(owner, first, 'user_ended');
    for (let others = 1; others < 8; others++) await fixture.ready(deviceId, owner, fixture.party());
    expect(codeOf(await fixture.request(deviceId, owner, fixture.party()))).toBe('limit_exceeded');
  });

  it('is for eight of those who ask in the same moment', async () => {
    const asked = await Promise.all(
      Array.from({ length: 12 }, () => fixture.request(deviceId, owner, fixture.party())),
    );
    const codes = asked.map(codeOf);
    expect(codes.filter((code) => code === 'ok')).toHaveLength(8);
    expect(codes.filter((code) => code === 'limit_exceeded')).toHaveLength(4);
  });
});

describe('who may not any more', () => {
  it('unsharing ends the sessions of that user, deleting those of everybody, with `error`', async () => {
    const shared = fixture.user();
    valueOf(await fixture.bus.call(devices.share, { actorId: owner, deviceId, userId: shared }));
    const guest = fixture.party();
    const theirs = await fixture.ready(deviceId, shared, guest);
    const own = await fixture.ready(deviceId, owner, viewer);
    valueOf(await fixture.bus.call(devices.unshare, { actorId: owner, deviceId, userId: shared }));
    await guest.until('ended error');
    expect(guest.heard).toEqual(['ended error']);
    expect(await fixture.session(owner, theirs)).toMatchObject({ reason: 'error' });
    expect(viewer.heard).toEqual([]);
    expect(codeOf(await fixture.bus.call(devices.delete, { actorId: shared, deviceId }))).toBe('not_found');
    valueOf(await fixture.bus.call(devices.delete, { actorId: owner, deviceId }));
    await viewer.until('ended error');
    await device.until('requested', 'requested', 'ended error', 'ended error', 'closed deleted');
    expect(device.heard.at(-1)).toBe('closed deleted');
    expect(await fixture.session(owner, own)).toMatchObject({ reason: 'error' });
  });
});

describe('devices', () => {
  it('a key is told once and needed ever after; failures are counted, a right key passes all the same', async () => {
    const { deviceId: id, key } = await fixture.device(owner, 'keyed', 'key');
    const ask = async (given?: string | null): Promise<string> =>
      codeOf(
        await fixture.bus.call(devices.authenticate, {
          deviceId: id,
          ...(typeof given === 'string' ? { key: given } : {}),
        }),
      );
    expect(await ask(key)).toBe('ok');
    for (let failures = 0; failures < 10; failures++) expect(await ask('wrong')).toBe('unauthenticated');
    expect(await ask()).toBe('rate_limited');
    expect(await ask(key)).toBe('ok');
    const { rows } = { rows: await fixture.database.kysely.selectFrom('devices').select('key_hash').execute() };
    expect(rows.some(({ key_hash }) => key_hash?.toString('utf8').includes(String(key)))).toBe(false);
  });

  it('one whose owner is banned is let in by no key; nor is anybody told why', async () => {
    const keyless = await fixture.device(owner, 'keyless');
    const { deviceId: id, key } = await fixture.device(owner, 'keyed', 'key');
    const ask = async (): Promise<string[]> => [
      codeOf(await fixture.bus.call(devices.authenticate, { deviceId: keyless.deviceId })),
      codeOf(await fixture.bus.call(devices.authenticate, { deviceId: id, ...(key === null ? {} : { key }) })),
    ];
    expect(await ask()).toEqual(['ok', 'ok']);
    fixture.banned.add(owner);
    expect(await ask()).toEqual(['unauthenticated', 'unauthenticated']);
    fixture.banned.delete(owner);
    expect(await ask()).toEqual(['ok', 'ok']);
  });

  it('an id is taken once; others see what is shared with them, the owner with whom', async () => {
    const [shared, stranger] = [fixture.user(), fixture.user()];
    const again = { actorId: stranger, deviceId, name: 'x', auth: 'none' } as const;
    expect(codeOf(await fixture.bus.call(devices.register, again))).toBe('conflict');
    valueOf(await fixture.bus.call(devices.share, { actorId: owner, deviceId, userId: shared }));
    expect(codeOf(await fixture.bus.call(devices.share, { actorId: owner, deviceId, userId: newUserId() }))).toBe(
      'not_found',
    );
    expect(codeOf(await fixture.bus.call(devices.share, { actorId: shared, deviceId, userId: stranger }))).toBe(
      'forbidden',
    );
    expect(valueOf(await fixture.bus.call(devices.get, { actorId: owner, deviceId }))).toMatchObject({
      online: true,
      sharedWith: [shared],
    });
    expect(valueOf(await fixture.bus.call(devices.get, { actorId: shared, deviceId }))).not.toHaveProperty(
      'sharedWith',
    );
    expect(codeOf(await fixture.bus.call(devices.get, { actorId: stranger, deviceId }))).toBe('not_found');
    const listed = valueOf(await fixture.bus.call(devices.list, { actorId: shared, limit: 10 }));
    expect(listed.devices.map(({ id }) => id)).toEqual([deviceId]);
  });

  it('the newest connection takes over, and its viewers hear what it says of itself', async () => {
    await fixture.ready(deviceId, owner, viewer);
    const newer = await fixture.connect(deviceId);
    await device.until('requested', 'closed replaced');
    await newer.until('requested');
    const said = (connectionId = newer.connectionId, presence: Record<string, unknown> = { battery: 85 }) =>
      fixture.bus.call(devices.setPresence, { deviceId, connectionId, presence });
    expect(codeOf(await said(device.connectionId))).toBe('not_found');
    expect(codeOf(await said(newer.connectionId, { text: 'x'.repeat(5_000) }))).toBe('too_large');
    for (const text of ['\u0000', '\ud800', '\\\udc00']) {
      expect(codeOf(await said(newer.connectionId, { text }))).toBe('invalid');
    }
    valueOf(await said());
    valueOf(await said(newer.connectionId, { text: '\\u0000 \\ud800 😀' }));
    const told = ['presence {"battery":85}', 'presence {"text":"\\\\u0000 \\\\ud800 😀"}'];
    await viewer.until(...told);
    expect(viewer.heard).toEqual(told);
    const read = valueOf(await fixture.bus.call(devices.get, { actorId: owner, deviceId }));
    expect(read.presence).toEqual({ text: '\\u0000 \\ud800 😀' });
  });
});

describe('parties that are lost', () => {
  async function answered() {
    const id = await fixture.ready(deviceId, owner, viewer);
    valueOf(await fixture.fromViewer(id, owner, viewer, 'offer', 'o'));
    valueOf(await fixture.fromDevice(id, deviceId, device, 'answer', 'a'));
    await viewer.until('answer a');
    return id;
  }

  it('a device that returns gets what was held, and the session goes on', async () => {
    const id = await answered();
    valueOf(await fixture.bus.call(devices.disconnect, { deviceId, connectionId: device.connectionId }));
    for (const body of ['1', '2']) valueOf(await fixture.fromViewer(id, owner, viewer, 'ice', body));
    fixture.pass(GRACE - 1_000);
    const back = await fixture.connect(deviceId);
    valueOf(await fixture.fromViewer(id, owner, viewer, 'ice', '3'));
    await back.until('ice 1', 'ice 2', 'ice 3');
    expect(back.heard).toEqual(['ice 1', 'ice 2', 'ice 3']);
  });

  it('a device that does not return: device_disconnected', async () => {
    const id = await answered();
    valueOf(await fixture.bus.call(devices.disconnect, { deviceId, connectionId: device.connectionId }));
    fixture.pass(GRACE + 1);
    await viewer.until('answer a', 'ended device_disconnected');
    expect(viewer.heard).toEqual(['answer a', 'ended device_disconnected']);
    await fixture.untilEnded(owner, id, 'device_disconnected');
  });

  it('a viewer that returns goes on with its sessions, one that does not ends them', async () => {
    const id = await answered();
    const gone = { userId: owner, connectionId: viewer.connectionId };
    valueOf(await fixture.bus.call(watch.disconnectViewer, gone));
    valueOf(await fixture.fromDevice(id, deviceId, device, 'ice', '1'));
    const back = fixture.party();
    const resumed = await fixture.bus.call(watch.connectViewer, { userId: owner, ...back.link });
    expect(valueOf(resumed).sessionIds).toEqual([id]);
    await back.until('ice 1');
    valueOf(await fixture.bus.call(watch.disconnectViewer, { userId: owner, connectionId: back.connectionId }));
    fixture.pass(GRACE + 1);
    await device.until('requested', 'offer o', 'ended viewer_disconnected');
    expect(device.heard.at(-1)).toBe('ended viewer_disconnected');
  });

  it('a viewer that signals from elsewhere is there from then on', async () => {
    const id = await answered();
    const elsewhere = fixture.party();
    valueOf(await fixture.fromViewer(id, owner, elsewhere, 'ice', '1'));
    valueOf(await fixture.fromDevice(id, deviceId, device, 'ice', '2'));
    await elsewhere.until('ice 2');
    expect(viewer.heard).toEqual(['answer a']);
  });

  it('a gateway that dies loses both, a roll call finds those whom nobody told of', async () => {
    const id = await answered();
    await fixture.loseGateway(device.gatewayId);
    await waitFor(
      async () => !valueOf(await fixture.bus.call(devices.get, { actorId: owner, deviceId })).online,
      'the device to be lost',
    );
    const back = await fixture.connect(deviceId);
    fixture.pass(GRACE + 1);
    fixture.gone.add(back.connectionId);
    await waitFor(
      async () => !valueOf(await fixture.bus.call(devices.get, { actorId: owner, deviceId })).online,
      'the roll call to find it',
    );
    fixture.pass(GRACE + 1);
    await fixture.untilEnded(owner, id, 'device_disconnected');
  });

  it('nobody answers for 30 s, or it lasts 4 h: timeout, told to both', async () => {
    const pending = await fixture.ready(deviceId, owner, viewer);
    fixture.pass(30_000);
    await fixture.untilEnded(owner, pending, 'timeout');
    await viewer.until('ended timeout');
    await device.until('requested', 'ended timeout');
    const long = await fixture.ready(deviceId, owner, viewer);
    valueOf(await fixture.fromViewer(long, owner, viewer, 'offer', 'o'));
    valueOf(await fixture.fromDevice(long, deviceId, device, 'answer', 'a'));
    fixture.pass(4 * 3_600_000);
    await fixture.untilEnded(owner, long, 'timeout');
  });
});
