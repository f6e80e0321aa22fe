import { road, startCluster, waitFor, type Cluster, type Road } from '@parley/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { PartyClient } from './party/party-client.js';
import type { PartyConfig } from './party/party-link.js';
import { get, post, register, type Account } from './testing/accounts.js';
import { FakePeer } from './testing/fake-peer.js';
import { isRecord } from './transport/check.js';
import { WatchDevice } from './watch/watch-device.js';
import { WatchViewer } from './watch/watch-viewer.js';

/** Parties, and devices with their viewers, against real gateways and services. */
const SLOW_MS = 20_000;
const QUICK = { minMs: 20, baseMs: 100, maxMs: 500 };

let cluster: Cluster;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, env: { PARLEY_LOG_LEVEL: 'warn' } });
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
afterAll(() => cluster.stop());

/** A road of one's own to a gateway. */
async function roadTo(gateway: number): Promise<Road> {
  const made = await road(cluster.gateway(gateway).ports[0]);
  ends.push(() => made.close());
  return made;
}

function url({ port }: Road): string {
  return `ws://127.0.0.1:${String(port)}`;
}

async function away(client: { readonly status: { readonly state: string } }): Promise<void> {
  await waitFor(() => client.status.state !== 'ready', 'to be away');
}

async function back(client: { readonly status: { readonly state: string } }): Promise<void> {
  await waitFor(() => client.status.state === 'ready', 'to be back', SLOW_MS);
}

describe('party', () => {
  interface Party {
    readonly sessionId: string;
    readonly hostToken: string;
  }

  async function makeParty(max = 10): Promise<Party> {
    const { id, host_token } = await post(`${cluster.gateway(1).url}/sessions`, { name: 'SDK', max_members: max });
    return { sessionId: String(id), hostToken: String(host_token) };
  }

  function member(way: Road, name: string, config: Pick<PartyConfig, 'sessionId' | 'hostToken'>): PartyClient {
    const client = new PartyClient({ url: url(way), deviceInfo: { name }, backoff: QUICK, WebSocket, ...config });
    ends.push(() => client.disconnect());
    return client;
  }

  function names(client: PartyClient): string {
    return client.members.map(({ name, connectionStatus }) => `${name} ${connectionStatus}`).join(', ');
  }

  test('host and guests through two gateways see each other come, lose touch, return and leave', async () => {
    const party = await makeParty();
    const [near, far] = [await roadTo(1), await roadTo(2)];
    const host = member(near, 'host', party);
    const guest = member(far, 'guest', { sessionId: party.sessionId });
    await host.connect();
    await guest.connect();
    expect(names(guest)).toBe('host connected, guest connected');
    await waitFor(() => names(host) === names(guest), 'the host to know');
    expect(guest.session).toMatchObject({ id: party.sessionId, name: 'SDK', hostId: host.memberId });
    await waitFor(() => guest.latency !== undefined, 'a round trip');

    const id = guest.memberId;
    far.cut();
    await away(guest);
    await waitFor(() => names(host) === 'host connected, guest reconnecting', 'the loss', SLOW_MS);
    const late = member(near, 'late', { sessionId: party.sessionId });
    await late.connect();
    far.mend();
    await back(guest);
    expect([guest.memberId, names(guest)]).toEqual([id, 'host connected, guest connected, late connected']);
    await waitFor(() => names(host) === names(guest), 'the return');

    const left: string[] = [];
    host.on('memberLeft', ({ name }, reason) => left.push(`${name} ${String(reason)}`));
    await late.leave();
    await waitFor(() => left.length === 1, 'one to leave');
    expect([left, late.status.state]).toEqual([['late left'], 'idle']);
  });

  test('a host kicks and closes; who is no host may not; both ends are final', async () => {
    const party = await makeParty();
    const way = await roadTo(1);
    const host = member(way, 'host', party);
    const { sessionId } = party;
    const [rude, nice] = [member(way, 'rude', { sessionId }), member(await roadTo(2), 'nice', { sessionId })];
    for (const one of [host, rude, nice]) await one.connect();
    const told: string[] = [];
    rude.on('kicked', (reason) => told.push(`kicked: ${reason}`));
    nice.on('closed', (reason) => told.push(`closed: ${String(reason)}`));

    await expect(nice.kick(String(rude.memberId))).rejects.toMatchObject({ code: 'unauthorized' });
    await host.kick(String(rude.memberId), 'rude');
    await expect(host.kick(String(rude.memberId))).rejects.toMatchObject({ code: 'invalid' });
    await waitFor(() => rude.status.state === 'ended', 'the kick');
    expect((await host.refresh()).map(({ id }) => id)).toEqual([host.memberId, nice.memberId]);
    await host.close('late');
    await waitFor(() => nice.status.state === 'ended', 'the end');
    expect(told).toEqual(['kicked: rude', 'closed: late']);
    await expect(rude.connect()).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a full party is final, and frees a place when one leaves', async () => {
    const { sessionId } = await makeParty(1);
    const way = await roadTo(1);
    const [first, second] = [member(way, 'first', { sessionId }), member(way, 'second', { sessionId })];
    await first.connect();
    const full = { code: 'limit_exceeded', details: { maxMembers: 1, currentMembers: 1 } };
    await expect(second.connect()).rejects.toMatchObject(full);
    await first.leave();
    await second.connect();
  });

  test('a gateway is killed: its members are back in their places through the other, before anybody missed them', async () => {
    const party = await makeParty();
    const link = await roadTo(1);
    const [guest, host] = [
      member(link, 'guest', { sessionId: party.sessionId }),
      member(await roadTo(2), 'host', party),
    ];
    await host.connect();
    await guest.connect();
    const id = guest.memberId;
    await cluster.kill('gateway-1');
    link.leadTo(cluster.gateway(2).ports[0]);
    await back(guest);
    expect([guest.memberId, names(guest)]).toEqual([id, 'host connected, guest connected']);
    await cluster.restart('gateway-1');
  });
});

describe('watch', () => {
  interface Camera {
    readonly owner: Account;
    readonly id: string;
    readonly key: string;
  }

  let count = 0;

  async function makeCamera(): Promise<Camera> {
    const gateway = cluster.gateway(1).url;
    const owner = await register(gateway);
    const id = `sdk-cam-${process.pid.toString(36)}-${String((count += 1))}`;
    const { key } = await post(`${gateway}/devices`, { device_id: id, device_name: 'Camera' }, owner.token);
    return { owner, id, key: String(key) };
  }

  async function device(way: Road, { id: deviceId, key }: Camera): Promise<WatchDevice<FakePeer>> {
    const media = { getTracks: () => [{ kind: 'video' }] };
    const RTCPeerConnection = FakePeer;
    const client = new WatchDevice({
      url: url(way),
      deviceId,
      key,
      media,
      backoff: QUICK,
      WebSocket,
      RTCPeerConnection,
    });
    ends.push(() => client.disconnect());
    await client.connect();
    return client;
  }

  async function viewer(way: Road, { token }: Account): Promise<WatchViewer<FakePeer>> {
    const RTCPeerConnection = FakePeer;
    const client = new WatchViewer({ url: url(way), token, backoff: QUICK, WebSocket, RTCPeerConnection });
    ends.push(() => client.disconnect());
    await client.connect();
    return client;
  }

  async function history(camera: Camera): Promise<unknown[]> {
    const { sessions } = await get(`${cluster.gateway(2).url}/watch-sessions`, camera.owner.token);
    return Array.isArray(sessions)
      ? sessions.map((one: unknown) => isRecord(one) && [one['state'], one['reason']])
      : [];
  }

  test('two viewers at once, each connected to the device; one ends, and the device hears of it', async () => {
    const camera = await makeCamera();
    const watched = await device(await roadTo(1), camera);
    watched.setPresence({ battery: 85 });
    const far = await roadTo(2);
    const viewers = [await viewer(far, camera.owner), await viewer(far, camera.owner)];
    const presences: unknown[] = [];
    viewers[0]?.on('presence', (deviceId, presence) => presences.push([deviceId, presence]));
    const sessions = await Promise.all(viewers.map((one) => one.watch(camera.id)));
    for (const session of sessions) await session.connected();
    for (const session of watched.sessions) await session.connected();
    expect(watched.sessions.map(({ userId }) => userId)).toEqual([camera.owner.id, camera.owner.id]);
    expect(sessions[0]?.peerConnection.candidates).toContain(null);
    watched.setPresence({ battery: 84 });
    await waitFor(() => presences.length > 0, 'the presence');
    expect(presences.at(-1)).toEqual([camera.id, { battery: 84 }]);

    const ended: string[] = [];
    for (const session of watched.sessions) session.on('ended', (reason) => ended.push(reason));
    sessions[0]?.end();
    await waitFor(() => ended.length === 1, 'the end');
    expect([ended, watched.sessions.length, sessions[1]?.state]).toEqual([['user_ended'], 1, 'connected']);
    viewers[1]?.disconnect();
    await waitFor(() => watched.sessions.length === 0, 'the other end');
    expect(await history(camera)).toEqual([
      ['ended', 'user_ended'],
      ['ended', 'user_ended'],
    ]);
  });

  test('refused: a device that is not there, one of somebody else, one that nobody has, a wrong key', async () => {
    const [camera, stranger] = [await makeCamera(), await register(cluster.gateway(1).url)];
    const way = await roadTo(1);
    const own = await viewer(way, camera.owner);
    await expect(own.watch(camera.id)).rejects.toMatchObject({ code: 'unavailable', message: 'Device is offline' });
    await expect(own.watch('nothing')).rejects.toMatchObject({ code: 'not_found' });
    const other = await viewer(way, stranger);
    await expect(other.watch(camera.id)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(device(way, { ...camera, key: 'wrong' })).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('signaling that breaks on either side goes on within its grace: candidates, and ICE anew', async () => {
    const camera = await makeCamera();
    const [near, far] = [await roadTo(1), await roadTo(2)];
    const [watched, watching] = [await device(near, camera), await viewer(far, camera.owner)];
    const session = await watching.watch(camera.id);
    await session.connected();
    for (const [way, client] of [
      [near, watched],
      [far, watching],
    ] as const) {
      way.cut();
      await away(client);
      // Media needs no server, unless its own path is gone.
      expect(session.state).toBe('connected');
      session.peerConnection.lose('failed');
      way.mend();
      await back(client);
      await waitFor(() => session.state === 'connected', 'to be mended', SLOW_MS);
    }
    expect(watched.sessions.map(({ id }) => id)).toEqual([session.id]);
    session.end();
    await waitFor(() => watched.sessions.length === 0, 'the end');
  });

  test('an offer under way when the viewer’s gateway dies is said again, and answered', async () => {
    const camera = await makeCamera();
    const [near, far] = [await roadTo(2), await roadTo(1)];
    const [watched, watching] = [await device(near, camera), await viewer(far, camera.owner)];
    const session = await watching.watch(camera.id);
    await cluster.kill('gateway-1');
    far.leadTo(cluster.gateway(2).ports[0]);
    await session.connected({ timeoutMs: SLOW_MS });
    expect(watched.sessions.map(({ id }) => id)).toEqual([session.id]);
    await cluster.restart('gateway-1');
  });

  test('a device that does not come back: viewers hear device_disconnected', async () => {
    const camera = await makeCamera();
    const watched = await device(await roadTo(1), camera);
    const watching = await viewer(await roadTo(2), camera.owner);
    const session = await watching.watch(camera.id);
    await session.connected();
    watched.disconnect();
    await waitFor(() => session.endReason === 'device_disconnected', 'the end', 2 * SLOW_MS);
    expect(session.peerConnection.connectionState).toBe('closed');
    await expect(watching.watch(camera.id)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('the newest connection of a device takes over, and the older one stays away', async () => {
    const camera = await makeCamera();
    const [older, newer] = [await device(await roadTo(1), camera), await device(await roadTo(2), camera)];
    await waitFor(() => older.status.state === 'ended', 'the older one to end');
    expect(newer.status.state).toBe('ready');
  });
});
