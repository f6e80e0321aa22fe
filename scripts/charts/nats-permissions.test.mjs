// @ts-check
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { USERS } from './nats-users.mjs';
import { chart, root } from './tools.mjs';

/** @type {Record<string, import('./nats-users.mjs').Permissions>} */
const users = JSON.parse(readFileSync(join(chart, 'files', 'nats-users.json'), 'utf8'));

describe('who may what on NATS', () => {
  test('only gateways may ask anything of everybody', () => {
    for (const user of USERS) expect(users[user]?.publish.includes('rpc.>')).toBe(user === 'gateway');
    for (const user of USERS) expect(users[user]?.subscribe.includes('evt.>')).toBe(user === 'gateway');
  });

  test('a service answers for itself alone, and asks by verb', () => {
    for (const user of USERS.filter((name) => name !== 'gateway')) {
      const { publish = [], subscribe = [] } = users[user] ?? {};
      expect(subscribe.filter((subject) => subject.startsWith('rpc.'))).toEqual([`rpc.${user}.>`]);
      for (const subject of publish.filter((each) => each.startsWith('rpc.'))) {
        expect(subject).toMatch(/^rpc\.[a-z]+\.[a-z-]+(\.\*)?$/);
      }
    }
  });

  test('nobody may delete or purge a stream, or hear or say everything', () => {
    for (const { publish, subscribe } of Object.values(users)) {
      for (const subject of [...publish, ...subscribe]) {
        expect(subject).not.toMatch(/^(>|\*|\$JS\.API\.>|\$JS\.>|in\.>|rpc\.\*.*)$/);
        expect(subject).not.toMatch(/STREAM\.(DELETE|PURGE|MSG\.DELETE)/);
      }
    }
  });
});

describe('a whole cluster under these permissions', () => {
  /** @type {typeof import('@parley/testing')} */
  let testing;
  /** @type {import('@parley/testing').TestNats} */
  let nats;
  /** @type {import('@parley/testing').Cluster} */
  let cluster;

  beforeAll(async () => {
    testing = await import('@parley/testing');
    nats = await testing.startNats({ config: `max_payload: 2MB\n${authorization()}` });
    cluster = await testing.startCluster({
      natsUrl: nats.url,
      gateways: 2,
      envOf: Object.fromEntries(
        USERS.map((user) => [user, { PARLEY_NATS_USER: user, PARLEY_NATS_PASSWORD: `k${user}` }]),
      ),
    });
  });
  afterAll(async () => {
    await cluster?.stop();
    await nats?.stop();
  });

  test('logs in and broadcasts from one gateway to the other: what helm test does', async () => {
    const [first, last] = cluster.gateways;
    const { code, output } = await broadcast({
      TEST_URL: first?.url ?? '',
      TEST_PODS: 'localhost',
      TEST_TOPICS_PORTS: `${first?.ports[1]},${last?.ports[1]}`,
      TEST_PASSWORD: 'a-password-of-the-test',
      TEST_TIMEOUT_SECONDS: '20',
    });
    expect(output).toMatch(/logged in; a broadcast went from .* to .* in [0-9.]+ ms/);
    expect(code).toBe(0);
  });

  test('a second time with the account that is there', async () => {
    const [first] = cluster.gateways;
    const env = { TEST_URL: first?.url ?? '', TEST_PODS: 'localhost', TEST_TOPICS_PORTS: String(first?.ports[1]) };
    const wrong = await broadcast({ ...env, TEST_PASSWORD: 'another-password' });
    expect(wrong.code).toBe(1);
    expect(wrong.output).toContain('failed: ');
    expect(await broadcast({ ...env, TEST_PASSWORD: 'a-password-of-the-test' })).toMatchObject({ code: 0 });
  });

  test('every process is ready: NATS has refused nobody', async () => {
    for (const { name, probesUrl } of cluster.processes) {
      expect(await (await fetch(`${probesUrl}/readyz`)).json(), name).toEqual({ ready: true, reasons: [] });
      expect(await (await fetch(`${probesUrl}/metrics`)).text()).not.toMatch(/^parley_bus_faults_total\{.*\} [^0]/m);
    }
  });
});

/** As templates/nats.yaml writes it. */
function authorization() {
  const lines = USERS.map((user) => {
    const { publish, subscribe } = users[user] ?? {};
    const permissions = `{ publish: { allow: ${JSON.stringify(publish)} }, subscribe: { allow: ${JSON.stringify(subscribe)} } }`;
    return `{ user: ${user}, password: k${user}, permissions: ${permissions} }`;
  });
  return `authorization { users: [\n${lines.join('\n')}\n] }`;
}

/** The script as the pod runs it. @param {Record<string, string>} env @returns {Promise<{code: number | null, output: string}>} */
function broadcast(env) {
  const script = readFileSync(join(chart, 'files', 'broadcast.mjs'), 'utf8');
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: join(root, 'services', 'gateway'),
      env: { PATH: process.env['PATH'], ...env },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    child.once('close', (code) => resolve({ code, output }));
  });
}
