import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { FakePeer } from '../testing/fake-peer.js';
import { ManualTimers } from '../testing/manual-timers.js';
import { retryNow } from '../testing/retry-now.js';
import { ScriptedServer, type Message, type Peer } from '../testing/scripted-server.js';
import { candidateOf, description, greet, heard, iceServers, payloadOf, say } from '../testing/watch-script.js';
import type { ViewerSession } from './viewer-session.js';
import { WatchViewer, type ViewerConfig, type WatchOptions } from './watch-viewer.js';

let server: ScriptedServer;
let timers: ManualTimers;
let viewer: WatchViewer<FakePeer>;

beforeEach(async () => {
  server = await ScriptedServer.start();
  timers = new ManualTimers();
  make({ heartbeat: { intervalMs: 3_600_000 } });
});
afterEach(async () => {
  viewer.disconnect();
  await server.stop();
});

function make(config: Partial<ViewerConfig<FakePeer>> = {}): void {
  const given = { url: server.url, token: () => 'jwt', WebSocket, timers, RTCPeerConnection: FakePeer };
  viewer = new WatchViewer({ ...given, ...config });
}

async function connected(): Promise<Peer> {
  const done = viewer.connect();
  const peer = await server.peer();
  await greet(peer);
  await done;
  return peer;
}

/** The socket is lost, and the viewer comes back; what its hello said is returned too. */
async function again(peer: Peer): Promise<readonly [Peer, Message]> {
  peer.terminate();
  await retryNow(viewer, timers);
  const next = await server.peer();
  const hello = await greet(next);
  await waitFor(() => viewer.status.state === 'ready', 'to be back');
  return [next, hello];
}

async function watching(peer: Peer, id = 's1', options?: WatchOptions<FakePeer>): Promise<ViewerSession<FakePeer>> {
  const done = viewer.watch('cam', options);
  say(peer, 'watch_ready', { session_id: id, ice_servers: iceServers }, await peer.hear('watch_request'));
  return done;
}

/** Hears the offer and the candidates that follow. */
async function offered(peer: Peer): Promise<Message> {
  const offer = await heard(peer, 'signal_offer');
  await peer.hear('signal_ice');
  await peer.hear('signal_ice');
  return offer;
}

function answer(peer: Peer, ufrag: string, id = 's1'): void {
  say(peer, 'signal_answer', { session_id: id, sdp: description('answer', ufrag) });
  say(peer, 'signal_ice', { session_id: id, candidate: candidateOf(ufrag) });
}

/** A session that is connected. */
async function established(peer: Peer): Promise<ViewerSession<FakePeer>> {
  const session = await watching(peer);
  await offered(peer);
  answer(peer, 'd1');
  await session.connected();
  return session;
}

test('hello has the token, and names the sessions that are this page’s own', async () => {
  const done = viewer.connect();
  const peer = await server.peer();
  expect([peer.url.pathname, await greet(peer)]).toEqual(['/ws/viewer', { token: 'jwt', sessions: [] }]);
  await done;
});

test('without an RTCPeerConnection it says what is missing', async () => {
  const bare = new WatchViewer({ url: server.url, token: 'jwt', WebSocket, timers });
  await expect(bare.watch('cam')).rejects.toMatchObject({ code: 'invalid', message: /RTCPeerConnection/ });
});

describe('a session', () => {
  test('offers, takes the answer and the candidates, and is connected', async () => {
    const peer = await connected();
    const session = await watching(peer);
    expect([session.id, session.deviceId, session.state]).toEqual(['s1', 'cam', 'connecting']);
    expect(session.peerConnection).toMatchObject({ configuration: { iceServers }, wanted: ['video', 'audio'] });
    const { ufrag } = session.peerConnection;
    expect(await heard(peer, 'signal_offer')).toEqual({ session_id: 's1', sdp: description('offer', ufrag) });
    expect(await heard(peer, 'signal_ice')).toEqual({ session_id: 's1', candidate: candidateOf(ufrag) });
    expect(await heard(peer, 'signal_ice')).toEqual({ session_id: 's1', candidate: null });
    answer(peer, 'd1');
    say(peer, 'signal_ice', { session_id: 's1', candidate: null });
    await session.connected();
    await waitFor(() => session.peerConnection.candidates.length === 2, 'the last candidate');
    expect(session.peerConnection.candidates).toEqual([candidateOf('d1'), null]);
  });

  test('candidates that overtake the answer wait for it', async () => {
    const peer = await connected();
    const session = await watching(peer, 's1', { receive: ['video'] });
    await offered(peer);
    say(peer, 'signal_ice', { session_id: 's1', candidate: candidateOf('d1') });
    say(peer, 'signal_answer', { session_id: 's1', sdp: description('answer', 'd1') });
    await session.connected();
    expect(session.peerConnection.wanted).toEqual(['video']);
  });

  test('the page may prepare the peer connection', async () => {
    const peer = await connected();
    const session = await watching(peer, 's1', { prepare: (connection) => connection.addTrack({ kind: 'talkback' }) });
    expect(session.peerConnection.given).toEqual([{ kind: 'talkback' }]);
  });

  test('options of the page go to the peer connection; one that refuses them ends the session', async () => {
    make({ peerOptions: { iceTransportPolicy: 'relay' } });
    const session = await watching(await connected());
    expect(session.peerConnection.configuration).toEqual({ iceServers, iceTransportPolicy: 'relay' });
    viewer.disconnect();

    class Refusing extends FakePeer {
      constructor() {
        super();
        throw new Error('no such option');
      }
    }
    make({ RTCPeerConnection: Refusing });
    const peer = await connected();
    const refused = expect(viewer.watch('cam')).rejects.toMatchObject({ code: 'invalid' });
    say(peer, 'watch_ready', { session_id: 's2', ice_servers: [] }, await peer.hear('watch_request'));
    await refused;
    expect(await heard(peer, 'end_watch')).toEqual({ session_id: 's2' });
    expect(viewer.sessions).toEqual([]);
  });

  test('several at once, each with a peer connection of its own', async () => {
    const peer = await connected();
    const one = await watching(peer);
    await offered(peer);
    const two = viewer.watch('hall');
    say(peer, 'watch_ready', { session_id: 's2', ice_servers: [] }, await peer.hear('watch_request'));
    await offered(peer);
    answer(peer, 'd2', 's2');
    await (await two).connected();
    expect([one.state, viewer.sessions.map(({ id }) => id)]).toEqual(['connecting', ['s1', 's2']]);
  });

  test.each([
    ['Device not found', 'not_found'],
    ['Unauthorized', 'forbidden'],
    ['Device is offline', 'unavailable'],
    ['Too many viewers', 'limit_exceeded'],
  ])('"%s" rejects', async (message, code) => {
    const peer = await connected();
    const refused = expect(viewer.watch('cam')).rejects.toMatchObject({ code, message });
    say(peer, 'error', { message }, await peer.hear('watch_request'));
    await refused;
  });

  test('a server that cannot now is asked again', async () => {
    const peer = await connected();
    const done = viewer.watch('cam');
    const request = await peer.hear('watch_request');
    say(peer, 'error', { message: 'Service unavailable, try again later' }, request);
    await waitFor(() => timers.has(1_000), 'the pause');
    timers.advance(1_000);
    const repeated = await peer.hear('watch_request');
    expect(repeated['request_id']).toBe(request['request_id']);
    say(peer, 'watch_ready', { session_id: 's1', ice_servers: [] }, repeated);
    await done;
  });

  test('one that nobody waits for any more is ended', async () => {
    const peer = await connected();
    const late = expect(viewer.watch('cam', { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' });
    const request = await peer.hear('watch_request');
    timers.advance(50);
    await late;
    say(peer, 'watch_ready', { session_id: 's1', ice_servers: [] }, request);
    expect(await heard(peer, 'end_watch')).toEqual({ session_id: 's1' });
    expect(viewer.sessions).toEqual([]);
  });

  test.each(['device_disconnected', 'timeout', 'error', 'user_ended', 'viewer_disconnected'])(
    'watch_ended %s closes the peer connection',
    async (reason) => {
      const peer = await connected();
      const timersBefore = timers.set;
      const session = await established(peer);
      const reasons: string[] = [];
      session.on('ended', (why) => reasons.push(why));
      say(peer, 'watch_ended', { session_id: 's1', reason });
      await waitFor(() => reasons.length > 0, 'the end');
      expect([reasons, session.peerConnection.connectionState, viewer.sessions, timers.set]).toEqual([
        [reason],
        'closed',
        [],
        timersBefore,
      ]);
    },
  );

  test('end() closes it and tells the server', async () => {
    const peer = await connected();
    const session = await established(peer);
    session.end();
    session.end();
    expect(await heard(peer, 'end_watch')).toEqual({ session_id: 's1' });
    expect([session.state, session.endReason, session.peerConnection.connectionState]).toEqual([
      'ended',
      'user_ended',
      'closed',
    ]);
    await expect(session.connected()).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('disconnect() ends all of them', async () => {
    const peer = await connected();
    const session = await established(peer);
    viewer.disconnect();
    await peer.hear('end_watch');
    expect([session.endReason, timers.set]).toEqual(['user_ended', 0]);
  });
});

describe('what is lost on the way', () => {
  test('a request without an answer is sent again', async () => {
    const first = await connected();
    const done = viewer.watch('cam');
    const { request_id: id } = await first.hear('watch_request');
    const [second] = await again(first);
    const repeated = await second.hear('watch_request');
    expect(repeated['request_id']).toBe(id);
    say(second, 'watch_ready', { session_id: 's1', ice_servers: [] }, repeated);
    expect((await done).id).toBe('s1');
  });

  test('an offer without an answer is said again as it was, and two answers do no harm', async () => {
    const first = await connected();
    const session = await watching(first);
    const errors: unknown[] = [];
    session.on('error', (error) => errors.push(error));
    const { sdp } = await offered(first);
    const [second, hello] = await again(first);
    expect(hello['sessions']).toEqual(['s1']);
    expect((await heard(second, 'signal_offer'))['sdp']).toEqual(sdp);
    answer(second, 'd1');
    answer(second, 'd1');
    await session.connected();
    await waitFor(() => session.peerConnection.candidates.length === 2, 'both');
    expect(errors).toEqual([]);
  });

  test('media that flows goes on while signaling is away', async () => {
    const first = await connected();
    const session = await established(first);
    const [second, hello] = await again(first);
    expect([hello['sessions'], session.state]).toEqual([['s1'], 'connected']);
    session.end();
    await second.hear('end_watch');
  });

  test('answered and not connected, ICE begins anew, and what belongs to before is not taken for it', async () => {
    const first = await connected();
    const session = await watching(first);
    const { ufrag } = session.peerConnection;
    await offered(first);
    say(first, 'signal_answer', { session_id: 's1', sdp: description('answer', 'd1') });
    await waitFor(() => session.peerConnection.signalingState === 'stable', 'the answer');
    const [second] = await again(first);
    expect((await offered(second))['sdp']).not.toEqual(description('offer', ufrag));
    answer(second, 'd1');
    expect(session.state).toBe('connecting');
    answer(second, 'd2');
    await session.connected();
    expect(session.peerConnection.remoteDescription).toEqual(description('answer', 'd2'));
  });

  test('a session that the server knows no more ends', async () => {
    const first = await connected();
    const session = await watching(first);
    await offered(first);
    const [second] = await again(first);
    say(second, 'error', { message: 'Session not found' }, await second.hear('signal_offer'));
    await waitFor(() => session.endReason === 'lost', 'the end');
  });
});

describe('a path that breaks', () => {
  test('has 4 s to mend by itself, then ICE begins anew', async () => {
    const peer = await connected();
    const session = await established(peer);
    session.peerConnection.lose('disconnected');
    expect(session.state).toBe('interrupted');
    timers.advance(4_000);
    await offered(peer);
    answer(peer, 'd2');
    await waitFor(() => session.state === 'connected', 'to be mended');
  });

  test('that failed is mended at once, and given up after four attempts', async () => {
    const peer = await connected();
    const session = await established(peer);
    session.peerConnection.lose('failed');
    const reasons: string[] = [];
    session.on('ended', (reason) => reasons.push(reason));
    const { sdp } = await offered(peer);
    for (let attempt = 2; attempt <= 4; attempt++) {
      timers.advance(10_000);
      expect((await heard(peer, 'signal_offer'))['sdp']).toEqual(sdp);
    }
    timers.advance(10_000);
    expect(await heard(peer, 'end_watch')).toEqual({ session_id: 's1' });
    expect(reasons).toEqual(['failed']);
  });

  test('while there is no signaling, it is mended after that is back', async () => {
    const first = await connected();
    const session = await established(first);
    first.terminate();
    await waitFor(() => viewer.status.state === 'waiting', 'to be away');
    session.peerConnection.lose('failed');
    await retryNow(viewer, timers);
    const second = await server.peer();
    await greet(second);
    await offered(second);
    answer(second, 'd2');
    await waitFor(() => session.state === 'connected', 'to be mended');
  });
});

test('a rejected token is final, and ends the sessions', async () => {
  const peer = await connected();
  const session = await established(peer);
  say(peer, 'error', { message: 'Device not found' });
  peer.close(1008);
  await waitFor(() => viewer.status.state === 'ended', 'the end');
  expect(session.endReason).toBe('disconnected');
});

test('the presence of devices is told', async () => {
  const peer = await connected();
  const told: unknown[] = [];
  viewer.on('presence', (deviceId, presence) => told.push([deviceId, presence]));
  say(peer, 'device_presence', { device_id: 'cam', presence: { battery: 85 } });
  await waitFor(() => told.length === 1, 'the presence');
  expect(told).toEqual([['cam', { battery: 85 }]]);
});

test('a heartbeat every 30 s', async () => {
  make();
  const peer = await connected();
  timers.advance(30_000);
  expect(payloadOf(await peer.hear('heartbeat'))).toEqual({});
  say(peer, 'heartbeat_ack', {});
});
