import { compile } from '@parley/contracts';
import { startCluster, waitFor, type Cluster } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { must } from './chat-room.js';
import { register, type Person } from './people.js';
import { watching, WatchClient } from './watch-client.js';

/** The lease of a gateway that was killed has to run out, then the grace, then the sweep. */
const ENDED_MS = 30_000;
/** A gateway that was cut off is asked about by the next roll call. */
const FOUND_MS = 45_000;

const madeCheck = compile(Type.Object({ key: Type.String() }));
const stateCheck = compile(Type.Object({ online: Type.Boolean() }));
const listedCheck = compile(
  Type.Object({
    sessions: Type.Array(
      Type.Object({ id: Type.String(), state: Type.String(), reason: Type.Union([Type.String(), Type.Null()]) }),
    ),
  }),
);

let cluster: Cluster;
let owner: Person;
let cameras = 0;
let camera: string;
let device: WatchClient;
let viewer: WatchClient;
let sessionId: string;

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, services: { signaling: 2 }, env: { PARLEY_LOG_LEVEL: 'warn' } });
  owner = await register(cluster.gateway(1).url);
});
afterAll(() => cluster.stop());

/** A device on the first gateway, its owner on the second. */
beforeEach(async () => {
  cameras += 1;
  camera = `cam-${String(cameras)}`;
  const made = await must('POST', `${cluster.gateway(1).url}/devices`, owner.token, {
    device_id: camera,
    device_name: 'Kitchen',
  });
  if (!madeCheck.is(made)) throw new Error('no key');
  device = await new WatchClient('/ws/device', { device_id: camera, key: made.key }).connect(cluster.gateway(1).wsUrl);
  viewer = await new WatchClient('/ws/viewer', { token: owner.token }).connect(cluster.gateway(2).wsUrl);
  sessionId = await watching(device, viewer, camera);
});
afterEach(() => {
  device.close();
  viewer.close();
});

/** As it is stored. */
async function session(gateway: number) {
  const listed = await must('GET', `${cluster.gateway(gateway).url}/watch-sessions`, owner.token);
  if (!listedCheck.is(listed)) throw new Error('no list');
  return listed.sessions.find(({ id }) => id === sessionId);
}

async function isOnline(gateway: number): Promise<boolean> {
  const found = await must('GET', `${cluster.gateway(gateway).url}/devices/${camera}`, owner.token);
  if (!stateCheck.is(found)) throw new Error('no device');
  return found.online;
}

async function bothWays(): Promise<void> {
  await viewer.reaches(device, sessionId);
  await device.reaches(viewer, sessionId);
}

test('the device’s gateway is killed: a device that returns goes on, one that does not is missed', async () => {
  await cluster.kill('gateway-1');
  viewer.send('signal_ice', { session_id: sessionId, candidate: null });
  await device.connect(cluster.gateway(2).wsUrl);
  await bothWays();
  expect(await session(2)).toMatchObject({ state: 'answered', reason: null });
  await cluster.restart('gateway-1');
  await device.connect(cluster.gateway(1).wsUrl);
  await bothWays();
  await cluster.kill('gateway-1');
  expect(await viewer.until('watch_ended', sessionId, ENDED_MS)).toMatchObject({ reason: 'device_disconnected' });
  expect(await session(2)).toMatchObject({ state: 'ended', reason: 'device_disconnected' });
  await cluster.restart('gateway-1');
  // It may have been too far away to hear it, and would send its video on and on.
  await device.connect(cluster.gateway(1).wsUrl);
  expect(await device.until('watch_ended', sessionId)).toMatchObject({ reason: 'device_disconnected' });
});

test('the viewer’s gateway is killed: a viewer that returns goes on, one that does not ends the session', async () => {
  await cluster.kill('gateway-2');
  await viewer.connect(cluster.gateway(1).wsUrl);
  await bothWays();
  viewer.close();
  expect(await device.until('watch_ended', sessionId, ENDED_MS)).toMatchObject({ reason: 'viewer_disconnected' });
  expect(await session(1)).toMatchObject({ state: 'ended', reason: 'viewer_disconnected' });
  await cluster.restart('gateway-2');
});

test('both gateways are killed: a session whose parties return goes on, one whose parties do not ends', async () => {
  const killBoth = () => Promise.all([cluster.kill('gateway-1'), cluster.kill('gateway-2')]);
  await killBoth();
  await Promise.all([cluster.restart('gateway-1'), cluster.restart('gateway-2')]);
  await device.connect(cluster.gateway(2).wsUrl);
  await viewer.connect(cluster.gateway(1).wsUrl);
  await bothWays();
  expect(await session(1)).toMatchObject({ state: 'answered' });
  await killBoth();
  await Promise.all([cluster.restart('gateway-1'), cluster.restart('gateway-2')]);
  await waitFor(async () => (await session(1))?.state === 'ended', 'the row to end', ENDED_MS);
});

test('a gateway that only stood still: its device is found again, hears what ended, and can be watched', async () => {
  const { child } = cluster.process('gateway-1');
  child.signal('SIGSTOP');
  try {
    expect(await viewer.until('watch_ended', sessionId, ENDED_MS)).toMatchObject({ reason: 'device_disconnected' });
    expect(await isOnline(2)).toBe(false);
  } finally {
    child.signal('SIGCONT');
  }
  await waitFor(() => isOnline(2), 'the device to be found again', FOUND_MS);
  expect(device.closeCode).toBeUndefined();
  await device.until('watch_ended', sessionId);
  sessionId = await watching(device, viewer, camera);
  await bothWays();
});

test('each replica of signaling is killed in turn: sessions go on, and end as ever', async () => {
  for (const replica of ['signaling', 'signaling-2']) {
    await cluster.kill(replica);
    await bothWays();
    await cluster.restart(replica);
  }
  const answer = await viewer.ask('end_watch', { session_id: sessionId });
  expect(answer).toMatchObject({ type: 'watch_ended', payload: { session_id: sessionId, reason: 'user_ended' } });
  expect(await device.until('watch_ended', sessionId)).toMatchObject({ reason: 'user_ended' });
  expect(await session(1)).toMatchObject({ state: 'ended', reason: 'user_ended' });
});

test('the newest connection of a device closes the older one with 1000, and the session goes on', async () => {
  const keyless = { device_id: 'hall', device_name: 'Hall', auth: 'none' };
  await must('POST', `${cluster.gateway(1).url}/devices`, owner.token, keyless);
  const older = await new WatchClient('/ws/device', { device_id: 'hall' }).connect(cluster.gateway(1).wsUrl);
  const id = await watching(older, viewer, 'hall');
  const newer = await new WatchClient('/ws/device', { device_id: 'hall' }).connect(cluster.gateway(2).wsUrl);
  await waitFor(() => older.closeCode === 1000, 'the older one to be closed');
  await viewer.reaches(newer, id);
  await newer.reaches(viewer, id);
  newer.close();
});
