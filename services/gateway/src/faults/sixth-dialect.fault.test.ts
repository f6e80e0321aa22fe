import { startCluster, waitFor, type Cluster } from '@parley/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Line } from './line.js';
import { call, register } from './people.js';

/** What docs/adding-a-dialect.md says to add to all.ts, done to the gateway's own copy as it is loaded. */
const registration = `
export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (!url.endsWith('/libs/dialects/dist/all.js')) return loaded;
  const source = String(loaded.source);
  const listed = source.replace('dialects = [', 'dialects = [echo, ');
  if (listed === source) throw new Error('all.js has no list of dialects');
  return { ...loaded, source: "import { echo } from './testing/echo/index.js';\\n" + listed };
}
`;

let cluster: Cluster;
const folder = mkdtempSync(join(tmpdir(), 'parley-sixth-'));
beforeAll(async () => {
  writeFileSync(join(folder, 'load.mjs'), registration);
  const register = join(folder, 'register.mjs');
  writeFileSync(register, "import { register } from 'node:module';\nregister('./load.mjs', import.meta.url);\n");
  const NODE_OPTIONS = `${process.env['NODE_OPTIONS'] ?? ''} --import=${pathToFileURL(register).href}`.trim();
  cluster = await startCluster({ gateways: 1, envOf: { gateway: { NODE_OPTIONS } } });
});
afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a folder and a line in all.ts are a sixth dialect: socket, login, limits, events, inspection, AsyncAPI', async () => {
  const { url, wsUrl } = cluster.gateway(1);
  const alice = await register(url);
  const heard = (what: string) => waitFor(() => line.heard.some((text) => text.includes(what)), what, 20_000);
  const line = await Line.open(wsUrl, { path: '/ws/echo', welcome: `"name":"${alice.username}"` }, alice.token);
  line.send({ type: 'say', text: 'Hello' });
  await heard('{"type":"said","text":"Hello"}');
  line.send({ type: 'shout' });
  await heard('"refused"');

  // Events of others reach it by its encoders, and it is a connection like any.
  await call('POST', `${url}/notifications`, cluster.apiKey, { level: 'info', title: 'Lunch', message: 'is ready' });
  await heard('{"type":"notice","title":"Lunch"}');
  const connections = await call('GET', `${url}/admin/connections?dialect=echo`, cluster.apiKey);
  expect(await connections.text()).toContain(`"user_id":"${alice.id}"`);

  const described = await fetch(`${url}/asyncapi/echo.json`);
  expect(await described.text()).toContain('"address":"/ws/echo"');
});
