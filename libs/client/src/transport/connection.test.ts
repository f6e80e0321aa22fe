import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ManualTimers } from '../testing/manual-timers.js';
import { ScriptedServer, type Peer } from '../testing/scripted-server.js';
import { Connection } from './connection.js';
import type { ConnectionConfig } from './connection-options.js';
import type { ConnectionStatus } from './connection-status.js';
import { ParleyError } from './parley-error.js';

let server: ScriptedServer;
let timers: ManualTimers;
let connection: Connection;
let moves: ConnectionStatus[];
let tokens: number;

beforeEach(async () => {
  server = await ScriptedServer.start();
  timers = new ManualTimers();
  moves = [];
  tokens = 0;
});
afterEach(async () => {
  connection.disconnect();
  await server.stop();
});

function make(config: Partial<ConnectionConfig> = {}): Connection {
  connection = new Connection(
    { url: server.url, token: () => `token-${String(++tokens)}`, WebSocket, timers, ...config },
    {
      endpoint: (token) => ({ url: `${server.url}/ws`, protocols: [token] }),
      heartbeat: () => '{"type":"ping"}',
      renewal: (token) => JSON.stringify({ type: 'renew', token }),
      received: (frame) => {
        if (frame === '{"type":"welcome"}') connection.established();
        if (frame === '{"type":"rejected"}') connection.heardWhy(new ParleyError('unauthorized', 'rejected'));
      },
      moved: (status) => moves.push(status),
    },
  );
  return connection;
}

async function admitted(): Promise<Peer> {
  const peer = await server.peer();
  peer.say({ type: 'welcome' });
  await waitFor(() => connection.ready, 'ready');
  return peer;
}

async function waiting(): Promise<Extract<ConnectionStatus, { state: 'waiting' }>> {
  return waitFor(() => (connection.status.state === 'waiting' ? connection.status : undefined), 'to wait');
}

async function ended(): Promise<ParleyError> {
  return waitFor(() => (connection.status.state === 'ended' ? connection.status.error : undefined), 'the end');
}

describe('connecting', () => {
  test('it is connected when the welcome has come, and asked twice it connects once', async () => {
    const both = [make().connect(), connection.connect()];
    await admitted();
    await Promise.all(both);
    await connection.connect();
    expect(server.connections).toBe(1);
    expect(moves.map(({ state }) => state)).toEqual(['connecting', 'ready']);
  });

  test('connect, disconnect, connect in one go (as StrictMode does) opens one socket', async () => {
    const first = expect(make().connect()).rejects.toMatchObject({ code: 'disconnected' });
    connection.disconnect();
    const second = connection.connect();
    await admitted();
    await Promise.all([first, second]);
    expect([server.connections, tokens]).toEqual([1, 1]);
  });

  test('a wait that ends early ends only itself', async () => {
    const stop = new AbortController();
    const stopped = expect(make().connect({ signal: stop.signal })).rejects.toMatchObject({ code: 'aborted' });
    const late = expect(connection.connect({ timeoutMs: 10 })).rejects.toMatchObject({ code: 'timeout' });
    stop.abort();
    timers.advance(10);
    await Promise.all([stopped, late]);
    await admitted();
  });

  test('a server that says no welcome is given up and tried again', async () => {
    void make().connect({ timeoutMs: Infinity });
    await server.peer();
    timers.advance(10_000);
    expect((await waiting()).retryInMs).toBe(1_000);
    timers.advance(1_000);
    await admitted();
  });

  test('disconnect() leaves neither timer nor socket behind', async () => {
    void make().connect();
    const peer = await admitted();
    connection.disconnect();
    expect(await peer.gone()).toBe(1000);
    expect([timers.set, connection.status.state]).toEqual([0, 'idle']);
  });

  test('nonsense for a URL, and no WebSocket at all, are refused at once', async () => {
    await expect(make({ url: 'nonsense', token: 'x', WebSocket: undefined }).connect()).rejects.toMatchObject({
      code: 'invalid',
    });
    expect((await ended()).message).toContain('WebSocket');
  });
});

describe('coming back', () => {
  test('after a lost socket it waits longer and longer, and asks for a token each time', async () => {
    void make().connect();
    (await admitted()).terminate();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 7; attempt++) {
      const { retryInMs } = await waiting();
      waits.push(retryInMs);
      timers.advance(retryInMs);
      (await server.peer()).terminate();
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    await waiting();
    expect(tokens).toBe(8);
  });

  test('a connection that held for a while starts with short waits again, one that did not does not', async () => {
    void make().connect();
    (await admitted()).terminate();
    timers.advance((await waiting()).retryInMs);
    (await admitted()).terminate();
    expect((await waiting()).retryInMs).toBe(2_000);
    timers.advance(2_000);
    const good = await admitted();
    timers.advance(5_000);
    good.terminate();
    expect((await waiting()).retryInMs).toBe(1_000);
  });

  test.each([1001, 1011, 1013])('%i is worth another try', async (code) => {
    void make().connect();
    (await admitted()).close(code);
    timers.advance((await waiting()).retryInMs);
    await admitted();
  });

  test.each([1000, 1008, 4002])('%i is not', async (code) => {
    void make().connect();
    (await admitted()).close(code, 'go away');
    expect((await ended()).message).toContain('go away');
    expect(timers.set).toBe(0);
  });

  test('whoever waits to connect is told when it is for good, and may begin anew', async () => {
    const refused = make().connect();
    (await server.peer()).close(1008, 'banned');
    await expect(refused).rejects.toMatchObject({ code: 'refused', retryable: false });
    const again = connection.connect();
    await admitted();
    await again;
  });
});

describe('tokens', () => {
  test('a rejected one is replaced once; a second rejection is final', async () => {
    void make()
      .connect()
      .catch(() => undefined);
    const first = await server.peer();
    first.say({ type: 'rejected' });
    first.close(1008);
    timers.advance((await waiting()).retryInMs);
    const second = await server.peer();
    expect([first.protocol, second.protocol]).toEqual(['token-1', 'token-2']);
    second.close(4001);
    expect((await ended()).code).toBe('unauthorized');
  });

  test('one that never changes is final at once', async () => {
    const refused = make({ token: 'fixed' }).connect();
    (await server.peer()).close(4001);
    await expect(refused).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('a provider that says that nobody is logged in is final, one that fails is asked again', async () => {
    let answers = [
      () => Promise.reject(new Error('no network')),
      () => Promise.reject(new ParleyError('unauthorized', 'logged out')),
    ];
    const token = (): Promise<string> => {
      const [answer, ...rest] = answers;
      answers = rest;
      return answer === undefined ? Promise.resolve('t') : answer();
    };
    const refused = make({ token }).connect();
    timers.advance((await waiting()).retryInMs);
    await expect(refused).rejects.toMatchObject({ code: 'unauthorized', message: 'logged out' });
    expect(server.connections).toBe(0);
  });

  test('before it expires a fresh one is sent in place', async () => {
    const expiring = (seconds: number): string => {
      const claims = { exp: timers.now() / 1_000 + seconds };
      return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
    };
    void make({ token: () => expiring(900), heartbeat: { intervalMs: 1_000_000 } }).connect();
    const peer = await admitted();
    const before = peer.protocol;
    timers.advance(839_000);
    expect(peer.heard.filter(({ type }) => type === 'renew')).toEqual([]);
    timers.advance(1_000);
    const renewed = await waitFor(() => peer.heard.find(({ type }) => type === 'renew'), 'the renewal');
    expect(renewed['token']).not.toBe(before);
    expect(server.connections).toBe(1);
  });
});

describe('half-open sockets', () => {
  test('without a sign of life in time the socket is given up, without waiting for its closing', async () => {
    void make({ heartbeat: { intervalMs: 20_000, deadlineMs: 5_000 } }).connect();
    const silent = await admitted();
    timers.advance(20_000);
    await silent.hear('ping');
    timers.advance(4_999);
    expect(connection.ready).toBe(true);
    timers.advance(1);
    expect(connection.status).toMatchObject({ state: 'waiting', error: { code: 'unavailable' } });
  });

  test('any frame is a sign of life', async () => {
    void make({ heartbeat: { intervalMs: 20_000, deadlineMs: 5_000 } }).connect();
    const peer = await admitted();
    for (let beat = 0; beat < 3; beat++) {
      timers.advance(20_000);
      await peer.hear('ping');
      const set = timers.set;
      peer.say({ type: 'anything' });
      await waitFor(() => timers.set < set, 'the sign of life to be noticed');
    }
    expect(connection.ready).toBe(true);
  });
});
