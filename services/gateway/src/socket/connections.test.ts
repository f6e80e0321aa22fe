import { fail, newGatewayId, newLoginId, newUserId, ok } from '@parley/contracts';
import type { Dialect, Farewell, Session, SessionContext } from '@parley/dialects';
import { createLogger } from '@parley/telemetry';
import { waitFor } from '@parley/testing';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { TokenVerifier } from '../login/token-verifier.js';
import { deaf, nullDialect } from '../testing/null-dialect.js';
import type { Connection } from './connection.js';
import { Connections } from './connections.js';
import { TimingWheel } from './timing-wheel.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const limits = {
  inbox: { frames: 10, bytes: 1_000_000 },
  outbox: { softBytes: 100_000, hardBytes: 1_000_000 },
  preLoginBytes: 10_000,
  bytesPerSecond: 1_000_000,
  byteBurst: 1_000_000,
  loginDeadlineMs: 60_000,
};

/** A client that has come in, by the dialect's session; `retired` is whoever has gone, with what is left to say. */
async function enter(session: Session) {
  const contexts: SessionContext[] = [];
  const retired: { readonly connection: Connection; readonly farewells: readonly Farewell[] }[] = [];
  const failures: unknown[] = [];
  const wheel = new TimingWheel();
  const connections = new Connections({
    gatewayId: newGatewayId(),
    wheel,
    limits,
    sessionLimits: {
      messagesPerSecond: 1,
      messageBurst: 2,
      subscriptions: 3,
      operationsPerSecond: 4,
      cursorsPerSecond: 5,
    },
    verifier: new TokenVerifier({
      fetchKeys: () => Promise.resolve(fail('unavailable', 'none here')),
      isRevoked: () => false,
    }),
    logger: { ...createLogger('test', { level: 'silent' }), error: (fields: unknown) => failures.push(fields) },
    retired: (connection, farewells) => retired.push({ connection, farewells }),
  });
  const dialect: Dialect = {
    ...nullDialect,
    open: (context) => {
      contexts.push(context);
      return session;
    },
  };
  const server = createServer();
  new WebSocketServer({ server }).on('connection', (ws, request) => {
    const seat = { free: () => undefined };
    connections.accept({ dialect, endpoint: { path: '/' }, ws, request, address: '', seat });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = new WebSocket(`ws://127.0.0.1:${String(address.port)}/?room=a`);
  cleanups.push(() => {
    client.terminate();
    server.close();
    wheel.stop();
  });
  await new Promise((resolve) => client.once('open', resolve));
  const connection = await waitFor(() => connections.all()[0], 'the connection');
  const context = await waitFor(() => contexts[0], 'its session');
  return { client, connection, context, retired, failures };
}

function someone() {
  return { userId: newUserId(), loginId: newLoginId(), username: 'ada', expiresAt: Date.now() + 60_000 };
}

const farewell: Farewell = () => Promise.resolve(ok({}));

test.each(['goes', 'closes', 'is ended'])(
  'a session that was logged in has its last say when it %s, once',
  async (how) => {
    let asked = 0;
    const closed = () => {
      asked += 1;
      return [farewell];
    };
    const { client, connection, retired } = await enter({ ...deaf, closed });
    connection.ownedBy(someone());
    if (how === 'goes') client.terminate();
    if (how === 'closes') client.close();
    if (how === 'is ended') connection.end('shutdown');
    await waitFor(() => retired.length > 0, 'the end');
    connection.end('internal');
    expect(retired).toEqual([{ connection, farewells: [farewell] }]);
    expect(asked).toBe(1);
  },
);

test('one that never was has nothing to say', async () => {
  const closed = () => [farewell];
  const { connection, retired } = await enter({ ...deaf, closed });
  connection.end('login_timeout');
  expect(retired).toEqual([{ connection, farewells: [] }]);
});

test('a session that fails at its end is gone all the same', async () => {
  const closed = (): readonly Farewell[] => {
    throw new Error('no last words');
  };
  const { connection, retired, failures } = await enter({ ...deaf, closed });
  connection.ownedBy(someone());
  connection.end('shutdown');
  expect(retired).toEqual([{ connection, farewells: [] }]);
  expect(failures).toHaveLength(1);
});

test('a session knows its query and its limits, and can unpack within bounds', async () => {
  const { context } = await enter(deaf);
  expect(context.query.get('room')).toBe('a');
  expect(context.limits).toMatchObject({ operationsPerSecond: 4, cursorsPerSecond: 5 });
  const packed = gzipSync('x'.repeat(1_000));
  expect(Buffer.from((await context.gunzip(packed, 1_000)) ?? '').toString()).toBe('x'.repeat(1_000));
  expect(await context.gunzip(packed, 999)).toBeUndefined();
  expect(await context.gunzip(Buffer.from('not packed'), 999)).toBeUndefined();
});
