import { expect, test } from 'vitest';
import { answering } from '../testing/answering.js';
import { WatchRest } from './watch-rest.js';

const device = {
  device_id: 'cam',
  device_name: 'Kitchen',
  auth: 'key',
  owner_id: 'u',
  online: false,
  last_seen: null,
  presence: { battery: 80 },
  created_at: '',
};
const session = {
  id: 's',
  device_id: 'cam',
  user_id: 'u',
  state: 'ended',
  started_at: '',
  answered_at: null,
  ended_at: '',
  reason: 'device_disconnected',
};

function rest(...answers: readonly (Response | object)[]) {
  const { asked, fetch } = answering(...answers);
  return { asked, rest: new WatchRest({ url: 'https://host', token: 'jwt', fetch }) };
}

test('devices: registered, listed, read, shared, taken back, deleted', async () => {
  const { asked, rest: watch } = rest(
    { ...device, key: 'k' },
    { devices: [{ ...device, shared_with: ['v'] }], more: true },
    device,
  );
  expect(await watch.register({ deviceId: 'cam', name: 'Kitchen' })).toEqual({ ...device, key: 'k' });
  expect(await watch.devices({ after: 'a', limit: 5 })).toEqual({
    devices: [{ ...device, shared_with: ['v'] }],
    more: true,
  });
  expect(await watch.device('a/b')).toEqual(device);
  await watch.share('cam', 'v');
  await watch.unshare('cam', 'v');
  await watch.delete('cam');
  expect(asked).toEqual([
    'jwt POST /devices {"device_id":"cam","device_name":"Kitchen"}',
    'jwt GET /devices?after=a&limit=5',
    'jwt GET /devices/a%2Fb',
    'jwt PUT /devices/cam/viewers/v',
    'jwt DELETE /devices/cam/viewers/v',
    'jwt DELETE /devices/cam',
  ]);
});

test('a device without a key has none', async () => {
  const { asked, rest: watch } = rest({ ...device, auth: 'none', key: null });
  expect(await watch.register({ deviceId: 'cam', name: 'K', auth: 'none' })).toMatchObject({ key: null });
  expect(asked).toEqual(['jwt POST /devices {"device_id":"cam","device_name":"K","auth":"none"}']);
});

test('sessions, of all devices or of one', async () => {
  const { asked, rest: watch } = rest({ sessions: [session], more: false }, { sessions: [], more: false });
  expect(await watch.sessions()).toEqual({ sessions: [session], more: false });
  await watch.sessions({ deviceId: 'cam', before: 's', limit: 1 });
  expect(asked).toEqual(['jwt GET /watch-sessions', 'jwt GET /watch-sessions?device_id=cam&before=s&limit=1']);
});

test('refusals are typed, and answers of another shape are no answers', async () => {
  const taken = Response.json({ error: 'the id is taken', code: 'conflict' }, { status: 409 });
  await expect(rest(taken).rest.register({ deviceId: 'cam', name: 'K' })).rejects.toMatchObject({
    code: 'invalid',
    message: 'the id is taken',
    details: { wireCode: 409 },
  });
  const hidden = Response.json({ error: 'no such device', code: 'not_found' }, { status: 404 });
  await expect(rest(hidden).rest.device('cam')).rejects.toMatchObject({ code: 'not_found' });
  await expect(rest({ ...device, online: 'yes' }).rest.device('cam')).rejects.toMatchObject({ code: 'internal' });
  await expect(rest(device).rest.register({ deviceId: 'cam', name: 'K' })).rejects.toMatchObject({ code: 'internal' });
  const unheard = { sessions: [{ ...session, reason: 'bored' }], more: false };
  await expect(rest(unheard).rest.sessions()).rejects.toMatchObject({ code: 'internal' });
});
