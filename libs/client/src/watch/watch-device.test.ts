import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { FakePeer } from '../testing/fake-peer.js';
import { ManualTimers } from '../testing/manual-timers.js';
import { retryNow } from '../testing/retry-now.js';
import { ScriptedServer, type Peer } from '../testing/scripted-server.js';
import { candidateOf, description, greet, heard, iceServers, say } from '../testing/watch-script.js';
import type { DeviceSession } from './device-session.js';
import { WatchDevice, type DeviceConfig } from './watch-device.js';

const camera = { getTracks: () => [{ kind: 'video' }] };

let server: ScriptedServer;
let timers: ManualTimers;
let device: WatchDevice<FakePeer>;

beforeEach(async () => {
  server = await ScriptedServer.start();
  timers = new ManualTimers();
  make();
});
afterEach(async () => {
  device.disconnect();
  await server.stop();
});

function make(config: Partial<DeviceConfig<FakePeer>> = {}): void {
  device = new WatchDevice({
    url: server.url,
    deviceId: 'cam',
    key: 'secret',
    media: camera,
    WebSocket,
    timers,
    RTCPeerConnection: FakePeer,
    ...config,
  });
}

async function connected(): Promise<Peer> {
  const done = device.connect();
  const peer = await server.peer();
  await greet(peer);
  await done;
  return peer;
}

async function again(peer: Peer): Promise<Peer> {
  peer.terminate();
  await retryNow(device, timers);
  const next = await server.peer();
  await greet(next);
  await waitFor(() => device.status.state === 'ready', 'to be back');
  return next;
}

async function requested(peer: Peer, id = 's1'): Promise<DeviceSession<FakePeer>> {
  say(peer, 'watch_request', { session_id: id, user_id: 'ann', ice_servers: iceServers });
  return waitFor(() => device.sessions.find((session) => session.id === id), 'the session');
}

function offer(peer: Peer, ufrag: string, id = 's1'): void {
  say(peer, 'signal_offer', { session_id: id, sdp: description('offer', ufrag) });
  say(peer, 'signal_ice', { session_id: id, candidate: candidateOf(ufrag) });
}

/** Hears the answer and the candidates that follow. */
async function answered(peer: Peer) {
  const answer = await heard(peer, 'signal_answer');
  await peer.hear('signal_ice');
  await peer.hear('signal_ice');
  return answer;
}

async function established(peer: Peer, id = 's1'): Promise<DeviceSession<FakePeer>> {
  const session = await requested(peer, id);
  offer(peer, `v-${id}`, id);
  await answered(peer);
  await session.connected();
  return session;
}

describe('hello', () => {
  test('has the id and the key', async () => {
    const done = device.connect();
    const peer = await server.peer();
    expect([peer.url.pathname, await greet(peer)]).toEqual(['/ws/device', { device_id: 'cam', key: 'secret' }]);
    await done;
  });

  test('of a device without a key has the id alone', async () => {
    make({ key: undefined });
    const done = device.connect();
    expect(await greet(await server.peer())).toEqual({ device_id: 'cam' });
    await done;
  });

  test('with a wrong key is refused for good', async () => {
    const refused = expect(device.connect()).rejects.toMatchObject({ code: 'unauthorized' });
    const peer = await server.peer();
    await peer.hear('hello');
    say(peer, 'error', { message: 'Unauthorized' });
    peer.close(1008);
    await refused;
    expect([device.status.state, timers.set]).toEqual(['ended', 0]);
  });

  test('needs an RTCPeerConnection', async () => {
    const bare = new WatchDevice({ url: server.url, deviceId: 'cam', media: camera, WebSocket, timers });
    await expect(bare.connect()).rejects.toMatchObject({ code: 'invalid', message: /RTCPeerConnection/ });
    expect(server.connections).toBe(0);
  });
});

describe('a viewer', () => {
  test('gets the media of the device, by an answer to its offer', async () => {
    const peer = await connected();
    const session = await requested(peer);
    offer(peer, 'v1');
    const { ufrag } = session.peerConnection;
    expect(await answered(peer)).toEqual({ session_id: 's1', sdp: description('answer', ufrag) });
    await session.connected();
    expect(session).toMatchObject({ userId: 'ann', peerConnection: { given: [{ kind: 'video' }] } });
    expect(session.peerConnection.configuration).toEqual({ iceServers });
  });

  test('may get media of its own, which the offer waits for', async () => {
    let give: (media: typeof camera) => void = () => undefined;
    make({ media: () => new Promise((resolve) => (give = resolve)) });
    const peer = await connected();
    const session = await requested(peer);
    offer(peer, 'v1');
    expect(session.peerConnection.remoteDescription).toBeNull();
    give({ getTracks: () => [{ kind: 'audio' }] });
    await answered(peer);
    expect(session.peerConnection.given).toEqual([{ kind: 'audio' }]);
  });

  test('for whom there is no media is sent away, and the others stay', async () => {
    make({
      media: ({ id }) => {
        if (id === 's2') throw new Error('the camera is broken');
        return camera;
      },
    });
    const errors: string[] = [];
    const ends: string[] = [];
    device.on('session', (session) => {
      session.on('error', ({ message }) => errors.push(message));
      session.on('ended', (reason) => ends.push(`${session.id} ${reason}`));
    });
    const peer = await connected();
    await established(peer);
    say(peer, 'watch_request', { session_id: 's2', user_id: 'ben', ice_servers: [] });
    await waitFor(() => ends.length > 0, 'the end');
    expect([errors, ends, device.sessions.map(({ id }) => id)]).toEqual([
      ['there is no media to be had'],
      ['s2 failed'],
      ['s1'],
    ]);
  });

  test('and another each have a peer connection; one that leaves takes its own along', async () => {
    const peer = await connected();
    const [one, two] = [await established(peer), await established(peer, 's2')];
    say(peer, 'watch_ended', { session_id: 's1', reason: 'viewer_disconnected' });
    await waitFor(() => one.endReason === 'viewer_disconnected', 'the end');
    expect([one, two].map(({ peerConnection }) => peerConnection.connectionState)).toEqual(['closed', 'connected']);
    device.disconnect();
    expect([two.endReason, two.peerConnection.connectionState, timers.set]).toEqual(['disconnected', 'closed', 0]);
  });

  test('who begins ICE anew gets a new answer', async () => {
    const peer = await connected();
    const session = await established(peer);
    session.peerConnection.lose('failed');
    expect(session.state).toBe('interrupted');
    offer(peer, 'v2');
    await answered(peer);
    await waitFor(() => session.state === 'connected', 'to be mended');
  });

  test('who is not heard of any more is given up after a minute', async () => {
    make({ heartbeat: { intervalMs: 3_600_000 } });
    const peer = await connected();
    const [silent, broken] = [await requested(peer, 's2'), await established(peer)];
    broken.peerConnection.lose('failed');
    timers.advance(59_999);
    expect([silent.state, broken.state]).toEqual(['connecting', 'interrupted']);
    timers.advance(1);
    expect([silent.endReason, broken.endReason]).toEqual(['failed', 'failed']);
  });
});

describe('after a reconnect', () => {
  test('media that flows goes on, and an answer that may be lost is said again', async () => {
    const first = await connected();
    const flowing = await established(first);
    const other = await requested(first, 's2');
    say(first, 'signal_offer', { session_id: 's2', sdp: description('offer', 'v2') });
    const { sdp } = await answered(first);
    const second = await again(first);
    expect(await heard(second, 'signal_answer')).toEqual({ session_id: 's2', sdp });
    expect([flowing.state, other.state]).toEqual(['connected', 'connecting']);
  });

  test('a request that is told again is the same session', async () => {
    const first = await connected();
    const session = await requested(first);
    const second = await again(first);
    expect(await requested(second)).toBe(session);
  });

  test('its presence is said again', async () => {
    device.setPresence({ battery: 85 });
    const first = await connected();
    expect(await heard(first, 'device_presence')).toEqual({ battery: 85 });
    device.setPresence({ battery: 84 });
    await first.hear('device_presence');
    const second = await again(first);
    expect(await heard(second, 'device_presence')).toEqual({ battery: 84 });
  });
});

test('replaced by a newer connection of the device it does not fight', async () => {
  const peer = await connected();
  const session = await established(peer);
  peer.close(1000, 'replaced');
  await waitFor(() => device.status.state === 'ended', 'the end');
  expect(session.endReason).toBe('disconnected');
});
