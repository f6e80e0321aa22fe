import { compile } from '@parley/contracts';
import { startCluster, waitFor, type Cluster } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { metric } from './metrics.js';
import { call, PASSWORD } from './people.js';
import { Stage } from './telemetry/stage.js';

/** Words that no log may have: what people say, and what they prove themselves with. */
const said = {
  chat: 'marker-chat-content',
  topics: 'marker-topic-payload',
  collab: 'marker-document-text',
  watch: 'marker-session-description',
  broken: 'marker-broken-frame',
  password: 'marker-wrong-password',
};

const lineCheck = compile(
  Type.Object({ level: Type.String(), time: Type.String(), service: Type.String(), msg: Type.String() }),
);

let cluster: Cluster;
let stage: Stage;
/** Everything that every process has written; only the last lines are kept by themselves. */
const written: string[] = [];

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2, env: { PARLEY_LOG_LEVEL: 'trace', PARLEY_DRAIN_SECONDS: '1' } });
  for (const { child } of cluster.processes) {
    child
      .line('nothing', 600_000, (line) => void written.push(line))
      .catch(() => {
        // It ends with the process, or with the test.
      });
  }
  stage = await Stage.open(cluster);
});
afterAll(() => cluster.stop());

async function malformed(): Promise<void> {
  const { url, wsUrl, probesUrl } = cluster.gateway(1);
  const refused = (): Promise<number> => metric(probesUrl, 'parley_frames_received_total');
  const before = await refused();
  const paths = ['chat', 'topics', 'collab', 'viewer', 'device', 'party'];
  const sockets = paths.map((path) => new WebSocket(`${wsUrl}/ws/${path}?token=${said.broken}.e30.x`));
  for (const socket of sockets) {
    socket.on('error', () => undefined);
    socket.on('open', () => {
      socket.send(`{"type":"${said.broken}","op":99,"payload":{"text":"${said.broken}"`);
      socket.send(JSON.stringify({ type: said.broken, op: 99, d: said.broken, payload: { password: said.password } }));
    });
  }
  await waitFor(async () => (await refused()) > before, 'the frames');
  await waitFor(() => sockets.every(({ readyState }) => readyState !== WebSocket.CONNECTING), 'the upgrades');
  for (const socket of sockets) socket.terminate();
  const body = { username: 'nobody', password: said.password };
  expect((await call('POST', `${url}/auth/login`, '', body)).status).toBe(401);
  expect((await call('POST', `${url}/auth/register`, '', { ...body, username: '' })).status).toBe(400);
  expect((await call('GET', `${url}/users/@me`, said.broken)).status).toBe(401);
  const unparsable = await fetch(`${url}/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: `{"password":"${said.password}`,
  });
  expect(unparsable.status).toBe(400);
}

/** Whoever tries again and again is let in, but what fails meanwhile is written about. */
async function troubled(): Promise<void> {
  await cluster.kill('messaging');
  const { url } = cluster.gateway(1);
  const token = stage.secrets[0] ?? '';
  const response = await call('POST', `${url}/topics/chat.telemetry/messages`, token, { payload: said.topics });
  expect(response.ok).toBe(false);
  await cluster.nats.kill();
  await cluster.nats.restart();
  await cluster.restart('messaging');
}

test('no process writes what people say, or what they prove themselves with, even at the lowest level', async () => {
  await stage.chat(said.chat);
  await stage.topics(said.topics);
  await stage.collab(said.collab);
  await stage.watch(said.watch);
  await stage.party();
  await malformed();
  await troubled();
  stage.close();
  await cluster.stop();
  // Of one that was started again, only what it wrote before has been heard.
  for (const { child } of cluster.processes) written.push(...child.lines);

  expect(written.length).toBeGreaterThan(cluster.processes.length);
  const words = [...Object.values(said), ...stage.secrets, PASSWORD, cluster.apiKey];
  for (const word of words) expect(written.filter((line) => line.includes(word))).toEqual([]);
});

test('every line is JSON that says when, how grave, and who', () => {
  const lines = written.filter((line) => !line.startsWith('{"ready"'));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) {
    const fields: unknown = JSON.parse(line);
    expect(lineCheck.is(fields), line).toBe(true);
  }
});
