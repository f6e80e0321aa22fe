import { newLoginId, newUserId } from '@parley/contracts';
import { close, none, type Session } from '@parley/dialects';
import { waitFor, within } from '@parley/testing';
import { afterEach, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { socketPair } from '../testing/socket-pair.js';

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

const PRE_LOGIN_BYTES = 10_000;

const quiet: Session = {
  opened: () => none,
  received: () => none,
  timer: () => none,
  observed: () => none,
  ending: (reason) => [close(1008, reason)],
  closed: () => [],
};

/** A client, and the connection that the gateway has with it. */
async function connect(session = quiet, budget = { bytesPerSecond: 1_000_000, byteBurst: 1_000_000 }) {
  const pair = await socketPair({ session, budget, preLoginBytes: PRE_LOGIN_BYTES });
  cleanups.push(() => {
    pair.close();
  });
  return pair;
}

function closed(client: WebSocket): Promise<{ code: number; reason: string }> {
  return new Promise((resolve) => {
    client.once('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
    });
  });
}

test('before the login, a frame that is never finished counts too', async () => {
  const { client } = await connect();
  const end = closed(client);
  for (let sent = 0; sent <= PRE_LOGIN_BYTES; sent += 1_000) client.send('x'.repeat(1_000), { fin: false });
  expect(await within(5_000, 'the end', end)).toEqual({ code: 1008, reason: 'flooding' });
});

test('after the login, only the limits for users hold', async () => {
  const { client, connection } = await connect();
  const login = { userId: newUserId(), loginId: newLoginId(), username: 'ada', expiresAt: Date.now() + 60_000 };
  connection.ownedBy(login);
  client.send('x'.repeat(50 * PRE_LOGIN_BYTES));
  const ponged = new Promise((resolve) => client.once('pong', resolve));
  client.ping();
  await within(5_000, 'an answer', ponged);
  expect(connection.open).toBe(true);
});

test('a session that fails at its end ends all the same', async () => {
  const broken: Session = {
    ...quiet,
    ending: () => {
      throw new Error('no last words');
    },
  };
  const { client, connection, failures } = await connect(broken);
  const end = closed(client);
  connection.end('shutdown');
  expect(await within(5_000, 'the end', end)).toMatchObject({ code: 1011 });
  expect(failures).toHaveLength(1);
});

test('who sends more bytes than its share is read more slowly and loses nothing', async () => {
  const times: number[] = [];
  const counting: Session = {
    ...quiet,
    received: () => {
      times.push(performance.now());
      return none;
    },
  };
  const { client, connection } = await connect(counting, { bytesPerSecond: 1_000_000, byteBurst: 100_000 });
  connection.ownedBy({ userId: newUserId(), loginId: newLoginId(), username: 'ada', expiresAt: Date.now() + 60_000 });
  for (let i = 0; i < 3; i++) client.send('x'.repeat(300_000));
  await waitFor(() => times.length === 3, 'all three');
  // Each is larger than what has been earned by then; what is over is waited for.
  expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(400);
  expect(connection.open).toBe(true);
});
