import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { connectBus, type Bus } from '@parley/bus';
import { fail, newGatewayId } from '@parley/contracts';
import {
  close,
  send,
  textFrame,
  type Commands,
  type Dialect,
  type Frame,
  type Session,
  silence,
} from '@parley/dialects';
import { createLogger } from '@parley/telemetry';
import { startNats, waitFor, type TestNats } from '@parley/testing';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { Dispatch } from '../inbound/dispatch.js';
import { drain } from '../lifecycle/drain.js';
import { Listeners } from '../lifecycle/listeners.js';
import { TokenVerifier } from '../login/token-verifier.js';
import { Subscriptions } from '../outbound/subscriptions.js';
import { Admission } from './admission.js';
import { Connections } from './connections.js';
import { DialectWsAdapter } from './dialect-ws.adapter.js';
import { gatewayFor } from './dialect.gateway.js';
import { TimingWheel } from './timing-wheel.js';
import { UpgradeRouter, type Entrance } from './upgrade-router.js';

/**
 * What Nest's stock WebSocket path does to frames, order, errors and closing, each shown not to happen here. They are kept so
 * that an upgrade of Nest that changes the ground under us is seen.
 */

/** Says back what it is told; some words make it slow, broken or short. */
class EchoSession implements Session {
  opened(): Commands {
    return [];
  }

  received(frame: Frame): Commands {
    if (frame.binary) return [send(textFrame('no binary here'))];
    const text = String(frame.data);
    if (text === 'throw') throw new Error('secret of the handler');
    if (text === 'reject') return [{ kind: 'call', perform: () => Promise.reject(new Error('secret of the call')) }];
    if (text.startsWith('slow ')) {
      return [{ kind: 'call', perform: () => sleep(60).then(() => [send(textFrame(text))]) }];
    }
    return [send(textFrame(text))];
  }

  timer(): Commands {
    return [];
  }

  observed(): Commands {
    return [];
  }

  ending(reason: string): Commands {
    return [close(reason === 'shutdown' ? 1001 : 1011, reason)];
  }

  closed(): readonly never[] {
    return [];
  }
}

const echo: Dialect = {
  name: 'topics',
  version: 'test',
  wire: silence,
  endpoints: [{ path: '/ws/echo' }],
  keepAlive: { silentAfterMs: 60_000, probeAfterMs: 30_000 },
  encoders: new Map(),
  observes: new Set(),
  open: () => new EchoSession(),
};
const door: Entrance = { key: 'echo', dialect: echo, endpoint: { path: '/ws/echo' } };

@Module({})
class EchoModule {}

let nats: TestNats;
let bus: Bus;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  nats = await startNats();
  bus = await connectBus({ servers: nats.url, name: 'test', logger: createLogger('test', { level: 'silent' }) });
});
afterAll(async () => {
  await bus.close(1_000);
  await nats.stop();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start() {
  const admission = new Admission({ connections: 100, connectionsPerAddress: 100, handshakesPerSecond: 100 });
  const router = new UpgradeRouter(admission, 0, [door]);
  const wheel = new TimingWheel();
  const verifier = new TokenVerifier({
    fetchKeys: () => Promise.resolve(fail('unavailable', 'none here')),
    isRevoked: () => false,
  });
  const failures: unknown[] = [];
  const subscriptions = new Subscriptions({
    bus,
    keptPerSubject: { EVENTS: 1, TOPICS: 1 },
    receipt: () => undefined,
    measured: () => undefined,
    repaired: () => undefined,
    lost: () => undefined,
  });
  const connections = new Connections({
    gatewayId: newGatewayId(),
    wheel,
    limits: {
      inbox: { frames: 10, bytes: 100_000 },
      outbox: { softBytes: 100_000, hardBytes: 1_000_000 },
      preLoginBytes: 100_000,
      bytesPerSecond: 1_000_000,
      byteBurst: 1_000_000,
      loginDeadlineMs: 60_000,
    },
    sessionLimits: {
      messagesPerSecond: 100,
      messageBurst: 100,
      subscriptions: 10,
      operationsPerSecond: 100,
      cursorsPerSecond: 100,
    },
    verifier,
    logger: { ...createLogger('test', { level: 'silent' }), error: (fields: unknown) => failures.push(fields) },
    retired: () => undefined,
  });
  connections.use(
    new Dispatch({
      bus,
      subscriptions,
      verify: (token) => verifier.verify(token),
      admit: () => Promise.resolve('accepted'),
      renewed: () => undefined,
      emit: () => undefined,
      failed: (connection, error) => {
        connections.failed(connection, error);
      },
    }),
  );
  const module = {
    module: EchoModule,
    providers: [
      { provide: Connections, useValue: connections },
      { provide: UpgradeRouter, useValue: router },
      gatewayFor(door),
    ],
  };
  const app = await NestFactory.create<NestExpressApplication>(module, { logger: false, abortOnError: false });
  const adapter = new DialectWsAdapter(app, router, { maxFrameBytes: 65_536 });
  const parser = vi.fn();
  adapter.setMessageParser(parser);
  app.useWebSocketAdapter(adapter);
  await app.init();
  const listeners = new Listeners(app.getHttpAdapter().getInstance(), router);
  const [port = 0] = await listeners.listen([0, 0, 0], '127.0.0.1');
  cleanups.push(async () => {
    for (const connection of connections.all()) connection.close(1001, 'test over');
    await listeners.close();
    await app.close();
    wheel.stop();
  });
  return { app, port, parser, failures, connections, listeners };
}

interface Client {
  readonly ws: WebSocket;
  readonly texts: string[];
  readonly closed: Promise<{ code: number; reason: string }>;
}

async function open(port: number): Promise<Client> {
  const ws = new WebSocket(`ws://127.0.0.1:${String(port)}/ws/echo`);
  const texts: string[] = [];
  ws.on('message', (data: Buffer) => texts.push(data.toString()));
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
    });
  });
  await new Promise((resolve, reject) => ws.on('open', resolve).on('error', reject));
  return { ws, texts, closed };
}

test('1. Nest parses no frame of ours', async () => {
  const { port, parser } = await start();
  const client = await open(port);
  for (const text of ['a', 'b', 'c']) client.ws.send(text);
  await waitFor(() => client.texts.length === 3, 'three echoes');
  expect(parser).not.toHaveBeenCalled();
});

test('2. a fast frame behind a slow one is answered behind it', async () => {
  const { port } = await start();
  const client = await open(port);
  for (const text of ['slow 1', '2', 'slow 3', '4']) client.ws.send(text);
  await waitFor(() => client.texts.length === 4, 'four echoes');
  expect(client.texts).toEqual(['slow 1', '2', 'slow 3', '4']);
});

test.each(['throw', 'reject'])('3. a session that fails (%s) tells its client nothing but that', async (word) => {
  const { port, failures } = await start();
  const client = await open(port);
  client.ws.send(word);
  expect(await client.closed).toEqual({ code: 1011, reason: 'internal' });
  expect(client.texts).toEqual([]);
  expect(failures).toHaveLength(1);
});

test('4. nothing that fails for one connection reaches the process or another connection', async () => {
  const { port } = await start();
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const broken = await Promise.all([open(port), open(port), open(port)]);
  const bystander = await open(port);
  for (const [index, client] of broken.entries()) client.ws.send(index % 2 === 0 ? 'throw' : 'reject');
  await Promise.all(broken.map((client) => client.closed));
  bystander.ws.send('still here');
  await waitFor(() => bystander.texts.length === 1, 'the echo');
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

test('5. frames that come in the same packet as the handshake are not lost', async () => {
  const { port } = await start();
  const socket = connect(port, '127.0.0.1');
  const upgrade = [
    'GET /ws/echo HTTP/1.1',
    'Host: test',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '',
    '',
  ].join('\r\n');
  const masked = (text: string) =>
    Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
  socket.write(Buffer.concat([Buffer.from(upgrade), masked('one'), masked('two')]));
  let received = '';
  socket.on('data', (data) => (received += data.toString('latin1')));
  await waitFor(() => received.includes('two'), 'both echoes');
  expect(received.indexOf('one')).toBeLessThan(received.indexOf('two'));
  socket.destroy();
});

test('6. frames that no handler is registered for reach the session: malformed, unknown, binary', async () => {
  const { port } = await start();
  const client = await open(port);
  client.ws.send('{"event":');
  client.ws.send('{"event":"unknown"}');
  client.ws.send(Buffer.from([1, 2, 3]));
  await waitFor(() => client.texts.length === 3, 'three answers');
  expect(client.texts).toEqual(['{"event":', '{"event":"unknown"}', 'no binary here']);
});

test('7. a shutdown closes with 1001, not 1006', async () => {
  const { app, port, connections } = await start();
  const clients = await Promise.all([open(port), open(port), open(port)]);
  await drain(() => connections.all(), 100);
  await app.close();
  for (const client of clients) expect(await client.closed).toEqual({ code: 1001, reason: 'shutdown' });
});

test('8. an upgrade on an unknown path is answered 404, and what is wrong with one never reaches the wire', async () => {
  const { port } = await start();
  const ask = (path: string) =>
    new Promise<string>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      let answer = '';
      socket.on('data', (data) => (answer += data.toString()));
      socket.on('close', () => {
        resolve(answer);
      });
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a b c\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    });
  expect(await ask('/nowhere')).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  expect(await ask('//[/%')).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
  expect(await ask('/ws/echo')).toMatch(/^HTTP\/1\.1 4\d\d /);
});
