import { startCluster, within, type Cluster } from '@parley/testing';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { register } from './people.js';
import { textOf } from './topics-client.js';

const PROBE_MS = 1_000;
const SILENT_MS = 2_500;
const STEP_MS = 10_000;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({
    env: { PARLEY_KEEPALIVE_PROBE_MS: String(PROBE_MS), PARLEY_KEEPALIVE_SILENT_MS: String(SILENT_MS) },
  });
});
afterAll(() => cluster.stop());

interface Watched {
  readonly ws: WebSocket;
  readonly frames: string[];
  pings: number;
}

test.each([
  { dialect: 'topics', path: '/ws/topics', asks: true },
  { dialect: 'chat', path: '/ws/chat', asks: false },
])('$dialect: who does not answer pings is closed with 1001, who does stays', async ({ path, asks }) => {
  const { url, wsUrl } = cluster.gateway(1);
  const { token } = await register(url);
  const connect = async (autoPong: boolean): Promise<Watched> => {
    const ws = new WebSocket(`${wsUrl}${path}`, { autoPong, headers: { Authorization: `Bearer ${token}` } });
    const watched: Watched = { ws, frames: [], pings: 0 };
    ws.on('message', (data) => watched.frames.push(textOf(data)));
    ws.on('ping', () => {
      watched.pings += 1;
    });
    await within(STEP_MS, 'the welcome', once(ws, 'message'));
    return watched;
  };
  const alive = await connect(true);
  const dead = await connect(false);
  const opened = performance.now();

  const closed: unknown[] = await within(SILENT_MS + STEP_MS, 'the close', once(dead.ws, 'close'));
  expect(closed.map(String)).toEqual(['1001', 'heartbeat timeout']);
  // The server counts from the last it heard, which was the upgrade; its clock ticks in tenths of a second.
  expect(performance.now() - opened).toBeGreaterThan(SILENT_MS - 1_000);
  expect(dead.pings).toBeGreaterThan(0);
  expect(dead.frames.some((frame) => frame.includes('"Ping"'))).toBe(asks);

  // Its pongs were all that it said meanwhile.
  while (alive.pings < 3) await within(STEP_MS, 'the next ping', once(alive.ws, 'ping'));
  expect(alive.ws.readyState).toBe(WebSocket.OPEN);
  alive.ws.close();
  await within(STEP_MS, 'the end', once(alive.ws, 'close'));
});
