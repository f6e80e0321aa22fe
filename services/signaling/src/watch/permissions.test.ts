import { devices, watch, type DeviceId, type Outcome, type UserId, type WatchSessionId } from '@parley/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, valueOf, WatchFixture, type Party } from '../test/watch-fixture.js';

let fixture: WatchFixture;
let deviceId: DeviceId;
let device: Party;
/** The session is that of `viewer`; `guest` may watch, but does not; `former` might once. */
let users: Record<'stranger' | 'former' | 'guest' | 'viewer' | 'owner', UserId>;
/** One more whom it is shared with. */
let tenant: UserId;
let viewer: Party;
let sessionId: WatchSessionId;

beforeEach(async () => {
  fixture = await WatchFixture.start();
  const [owner, former, guest] = [fixture.user(), fixture.user(), fixture.user()];
  users = { stranger: fixture.user(), former, guest, viewer: fixture.user(), owner };
  ({ deviceId } = await fixture.device(owner, 'cam'));
  tenant = fixture.user();
  for (const userId of [former, guest, users.viewer, tenant]) {
    valueOf(await fixture.bus.call(devices.share, { actorId: owner, deviceId, userId }));
  }
  valueOf(await fixture.bus.call(devices.unshare, { actorId: owner, deviceId, userId: former }));
  device = await fixture.connect(deviceId);
  viewer = fixture.party();
  sessionId = await fixture.ready(deviceId, users.viewer, viewer);
});
afterEach(() => fixture.stop());

type Ask = (actorId: UserId) => Promise<Outcome<unknown>>;
type Codes = readonly [stranger: string, former: string, guest: string, viewer: string, owner: string];

describe('users', () => {
  const ask: Record<string, Ask> = {
    'watch it': (actorId) => fixture.request(deviceId, actorId, fixture.party()),
    'signal in the session': (actorId) => fixture.fromViewer(sessionId, actorId, viewer, 'offer', 'o'),
    'signal in it from elsewhere': (actorId) => fixture.fromViewer(sessionId, actorId, fixture.party(), 'ice', 'i'),
    'end the session': (userId) => fixture.bus.call(watch.end, { sessionId, userId, ...connection(viewer) }),
    'take the session over': (userId) =>
      fixture.bus.call(watch.resumeViewer, { sessionId, userId, ...fixture.party().link }),
    'see it': (actorId) => fixture.bus.call(devices.get, { actorId, deviceId }),
    'share it': (actorId) => fixture.bus.call(devices.share, { actorId, deviceId, userId: users.stranger }),
    'stop sharing it with another': (actorId) =>
      fixture.bus.call(devices.unshare, { actorId, deviceId, userId: tenant }),
    'give it back': (actorId) => fixture.bus.call(devices.unshare, { actorId, deviceId, userId: actorId }),
    'delete it': (actorId) => fixture.bus.call(devices.delete, { actorId, deviceId }),
  };
  const no = 'forbidden';
  const none = 'not_found';

  // Who may is asked last, since it may change everything.
  it.each<readonly [string, Codes]>([
    ['watch it', [no, no, 'ok', 'ok', 'ok']],
    ['signal in the session', [no, no, no, 'ok', no]],
    ['signal in it from elsewhere', [no, no, no, 'ok', no]],
    ['end the session', [no, no, no, 'ok', no]],
    ['take the session over', [none, none, none, none, none]],
    ['see it', [none, none, 'ok', 'ok', 'ok']],
    ['share it', [none, none, no, no, 'ok']],
    ['stop sharing it with another', [none, none, no, no, 'ok']],
    ['give it back', [none, none, 'ok', 'ok', none]],
    ['delete it', [none, none, no, no, 'ok']],
  ])('who may %s', async (what, expected) => {
    const codes = new Map<string, string>();
    const names = (['stranger', 'former', 'guest', 'viewer', 'owner'] as const).toSorted(
      (a, b) => Number(mayChange(expected, a)) - Number(mayChange(expected, b)),
    );
    for (const name of names) {
      const outcome = await ask[what]?.(users[name]);
      if (outcome !== undefined) codes.set(name, codeOf(outcome));
    }
    const [stranger, former, guest, viewerMay, owner] = expected;
    expect(Object.fromEntries(codes)).toEqual({ stranger, former, guest, viewer: viewerMay, owner });
  });

  function mayChange([stranger, former, guest, viewerMay, owner]: Codes, name: keyof typeof users): boolean {
    return { stranger, former, guest, viewer: viewerMay, owner }[name] === 'ok';
  }

  it('who finds it among their devices, and who in the history', async () => {
    const found: Record<string, readonly [boolean, boolean]> = {};
    for (const [name, actorId] of Object.entries(users)) {
      const listed = valueOf(await fixture.bus.call(devices.list, { actorId, limit: 10 }));
      const session = await fixture.session(actorId, sessionId);
      found[name] = [listed.devices.length > 0, session !== undefined];
    }
    expect(found).toEqual({
      stranger: [false, false],
      former: [false, false],
      guest: [true, false],
      viewer: [true, true],
      owner: [true, true],
    });
  });

  it('of a device that is not connected only those who may watch it hear so', async () => {
    valueOf(await fixture.bus.call(devices.disconnect, { deviceId, ...connection(device) }));
    const results: Record<string, string> = {};
    for (const [name, userId] of Object.entries(users)) {
      const outcome = await fixture.request(deviceId, userId, fixture.party());
      results[name] = outcome.ok ? outcome.value.result : outcome.error.code;
    }
    expect(results).toEqual({ stranger: no, former: no, guest: 'offline', viewer: 'offline', owner: 'offline' });
  });
});

describe('devices', () => {
  it('only the connection that stands for the session’s device may signal, each side its own kinds', async () => {
    const { deviceId: other } = await fixture.device(users.owner, 'other');
    const otherDevice = await fixture.connect(other);
    const newer = await fixture.connect(deviceId);
    const say = async (...said: Parameters<WatchFixture['fromDevice']>): Promise<string> =>
      codeOf(await fixture.fromDevice(...said));
    expect(await say(sessionId, other, otherDevice, 'ice', 'x')).toBe('forbidden');
    expect(await say(sessionId, deviceId, otherDevice, 'ice', 'x')).toBe('forbidden');
    expect(await say(sessionId, deviceId, device, 'ice', 'x')).toBe('forbidden');
    expect(await say(sessionId, deviceId, newer, 'offer', 'x')).toBe('invalid');
    expect(await say(sessionId, deviceId, newer, 'answer', 'x')).toBe('invalid');
    expect(codeOf(await fixture.fromViewer(sessionId, users.viewer, viewer, 'answer', 'x'))).toBe('invalid');
    expect(viewer.heard).toEqual([]);
    valueOf(await fixture.fromViewer(sessionId, users.viewer, viewer, 'offer', 'o'));
    expect(await say(sessionId, deviceId, newer, 'answer', 'a')).toBe('ok');
    valueOf(await fixture.bus.call(watch.end, { sessionId, userId: users.viewer, ...connection(viewer) }));
    expect(await say(sessionId, deviceId, newer, 'ice', 'x')).toBe('not_found');
    expect(codeOf(await fixture.fromViewer(sessionId, users.viewer, viewer, 'ice', 'x'))).toBe('not_found');
  });

  it('only that connection says how the device is, and loses it when it goes', async () => {
    const newer = await fixture.connect(deviceId);
    const set = async (party: Party): Promise<string> =>
      codeOf(await fixture.bus.call(devices.setPresence, { deviceId, ...connection(party), presence: { a: 1 } }));
    expect([await set(device), await set(fixture.party()), await set(newer)]).toEqual(['not_found', 'not_found', 'ok']);
    valueOf(await fixture.bus.call(devices.disconnect, { deviceId, ...connection(device) }));
    const read = async () => valueOf(await fixture.bus.call(devices.get, { actorId: users.owner, deviceId }));
    expect(await read()).toMatchObject({ online: true, presence: { a: 1 } });
    valueOf(await fixture.bus.call(devices.disconnect, { deviceId, ...connection(newer) }));
    expect(await read()).toMatchObject({ online: false, presence: { a: 1 } });
  });
});

function connection({ connectionId }: Party) {
  return { connectionId };
}
