import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster } from './cluster.js';
import { makeFolder, removeFolder } from './reaper.js';

let folder: string;

/** Says what it was given, then that it is ready, and ends well on SIGTERM. */
const stub = `
  const given = Object.entries(process.env).filter(([name]) => name.startsWith('PARLEY_'));
  console.log('given ' + JSON.stringify(Object.fromEntries(given)));
  process.on('SIGTERM', () => process.exit(0));
  setInterval(() => {}, 1000);
  if (process.env.PARLEY_STUB === 'broken') { console.log('one clear line'); process.exit(1); }
  console.log(JSON.stringify({ ready: true, port: 1000 + (process.pid % 1000) }));
`;

beforeAll(async () => {
  folder = await makeFolder('services');
  for (const name of ['auth', 'presence', 'messaging', 'signaling', 'rooms', 'session', 'gateway']) {
    await mkdir(join(folder, name, 'dist'), { recursive: true });
    await writeFile(join(folder, name, 'dist', 'main.js'), stub);
  }
});

afterAll(() => removeFolder(folder));

const outside = { natsUrl: 'nats://127.0.0.1:1', databaseUrl: 'postgres://127.0.0.1:1/x' };

test('starts the replicas asked for, each with its settings, and ends them', async () => {
  process.env['PARLEY_FROM_OUTSIDE'] = 'x';
  const cluster = await startCluster({
    ...outside,
    servicesFolder: folder,
    gateways: 2,
    services: { messaging: 2, presence: 0 },
    env: { PARLEY_LOG_LEVEL: 'warn' },
    envOf: { gateway: { PARLEY_DRAIN_SECONDS: '1' }, 'gateway-2': { PARLEY_DRAIN_SECONDS: '2' } },
  });
  delete process.env['PARLEY_FROM_OUTSIDE'];
  expect(cluster.processes.map(({ name }) => name)).toEqual([
    'auth',
    'messaging',
    'messaging-2',
    'signaling',
    'rooms',
    'session',
    'gateway-1',
    'gateway-2',
  ]);
  const given = (name: string): string => cluster.process(name).child.lines[0] ?? '';
  expect(given('messaging')).toContain('"PARLEY_DATABASE_URL":"postgres://127.0.0.1:1/x"');
  expect(given('gateway-1')).not.toContain('PARLEY_DATABASE_URL');
  expect(given('gateway-1')).not.toContain('PARLEY_FROM_OUTSIDE');
  expect(given('gateway-1')).toContain('"PARLEY_DRAIN_SECONDS":"1"');
  expect(given('gateway-2')).toContain('"PARLEY_DRAIN_SECONDS":"2"');
  expect(cluster.gateway(1).url).toBe(`http://127.0.0.1:${String(cluster.gateway(1).ports[0])}`);
  expect(() => cluster.process('presence')).toThrow('the cluster has no presence');

  expect(await cluster.kill('messaging')).toMatchObject({ signal: 'SIGKILL' });
  expect(cluster.process('messaging').child.running).toBe(false);
  const { probesUrl } = cluster.process('gateway-2');
  await cluster.restart('messaging');
  await cluster.restart('gateway-2');
  expect(cluster.process('messaging').child.running).toBe(true);
  expect(cluster.process('gateway-2').probesUrl).not.toBe(probesUrl);

  const exits = await cluster.stop();
  expect([...exits.values()].map(({ code }) => code)).toEqual(cluster.processes.map(() => 0));
});

test('a process that cannot start ends the others and shows its last lines', async () => {
  const starting = startCluster({
    ...outside,
    servicesFolder: folder,
    envOf: { presence: { PARLEY_STUB: 'broken' } },
  });
  await expect(starting).rejects.toThrow(/presence ended \(1\)[^]*one clear line/);
});

test('a service that is not built is said', async () => {
  const starting = startCluster({ ...outside, servicesFolder: folder, services: { unbuilt: 1 } });
  await expect(starting).rejects.toThrow(/unbuilt: .*main.js is not built/);
});
