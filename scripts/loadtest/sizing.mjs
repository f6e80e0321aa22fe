// @ts-check
import { cpus, loadavg } from 'node:os';
import { startBoard } from './board.mjs';
import { startLoadCluster } from './cluster.mjs';
import { runScript } from './k6.mjs';
import { usageOf, usageOfTree } from './processes.mjs';
import { reportOf } from './report.mjs';
import { predict, WORK } from './sizing-model.mjs';

/** @typedef {Record<string, import('./processes.mjs').Usage>} Usages of all processes of a kind */
/** @typedef {{gateways: number, connections: number, logins: number, events: number, seconds: number}} Sizes */

const LONG = { VUS: 60, CONNECTIONS: 50, SECONDS: 20, PER_SECOND: 10, GATEWAYS: 2, IDLE: 30 };
const SMOKE = { VUS: 5, CONNECTIONS: 10, SECONDS: 2, PER_SECOND: 5, GATEWAYS: 2, IDLE: 1 };

/**
 * Connections that wait, then hear; what each process used, beside what the model says.
 * @param {object} given
 * @param {string} given.k6
 * @param {Record<string, number>} given.settings
 * @param {boolean} given.smoke
 * @param {(line: string) => void} given.tell
 * @param {AbortSignal} [given.signal]
 * @returns {Promise<boolean>}
 */
export async function runSizing({ k6, settings, smoke, tell, signal }) {
  if (process.platform !== 'linux') throw new Error('sizing reads /proc, so it needs Linux');
  const size = { ...(smoke ? SMOKE : LONG), ...settings };
  const env = { PARLEY_USER_CONNECTIONS_MAX: '10000', PARLEY_GATEWAY_CONNECTIONS_MAX: '1000000' };
  const { cluster, postgresPid, stop } = await startLoadCluster({ gateways: size.GATEWAYS, env });
  const board = await startBoard();
  try {
    const look = () => looker(cluster, postgresPid);
    const values = { ...size, URLS: cluster.gateways.map(({ url }) => url).join(','), BOARD: board.url };
    const timeoutMs = (size.SECONDS + size.IDLE + 420) * 1_000;
    const running = runScript(k6, 'sizing', values, { timeoutMs, ...(signal === undefined ? {} : { signal }) });
    const measuring = measure({ board, look, size }).finally(() => board.post('over', true));
    const [finished, measured] = await Promise.all([
      running.finally(() => board.end()),
      measuring.catch((error) => String(error)),
    ]);
    if (typeof measured === 'string') tell(`  ✗ ${measured}`);
    else for (const line of compared(measured, size)) tell(line);
    for (const line of reportOf('sizing', finished)) tell(line);
    return finished.passed && typeof measured !== 'string';
  } finally {
    await board.close();
    await stop();
  }
}

/**
 * @typedef {object} Measured
 * @property {Usages} before nobody is there
 * @property {Usages} open everybody is in
 * @property {Usages} idle and nothing was said for a while
 * @property {Usages} said and it was spoken
 * @property {number} openSeconds
 * @property {number} idleSeconds
 * @property {number} events
 * @property {number} speakingSeconds
 */

/**
 * @param {{board: import('./board.mjs').Board, look: () => Usages, size: typeof LONG}} given
 * @returns {Promise<Measured>}
 */
async function measure({ board, look, size }) {
  // Accounts are there; what registering has cost is not ours to count.
  await board.wait('users', size.VUS, 200);
  await pause(3_000);
  const before = look();
  const openFrom = Date.now();
  board.post('go', true);
  await board.wait('in', size.VUS, 300);
  await pause(2_000);
  const open = look();
  const openSeconds = (Date.now() - openFrom) / 1_000;
  const idleFrom = Date.now();
  await pause(size.IDLE * 1_000);
  const idle = look();
  const idleSeconds = (Date.now() - idleFrom) / 1_000;
  board.post('speak', true);
  await board.wait('speaking', 1, 60);
  const from = look();
  const speakingFrom = Date.now();
  const [events] = await board.wait('said', 1, size.SECONDS + 120);
  const speakingSeconds = (Date.now() - speakingFrom) / 1_000;
  await board.wait('counted', size.VUS, 120);
  const said = minus(look(), from);
  return { before, open, idle, said, openSeconds, idleSeconds, events, speakingSeconds };
}

/** @param {import('@parley/testing').Cluster} cluster @param {number | undefined} postgresPid @returns {Usages} */
function looker(cluster, postgresPid) {
  /** @type {Usages} */
  const usages = { nats: usageOf(cluster.nats.process.pid) };
  if (postgresPid !== undefined) usages.postgres = usageOfTree(postgresPid);
  for (const { name, child } of cluster.processes) {
    const kind = name.replace(/-\d+$/, '');
    const { cpu, rss } = usageOf(child.pid);
    const sum = usages[kind] ?? { cpu: 0, rss: 0 };
    usages[kind] = { cpu: sum.cpu + cpu, rss: sum.rss + rss };
  }
  return usages;
}

/** @param {Usages} after @param {Usages} before @returns {Usages} */
function minus(after, before) {
  return Object.fromEntries(
    Object.entries(after).map(([kind, { cpu, rss }]) => {
      const old = before[kind] ?? { cpu: 0, rss: 0 };
      return [kind, { cpu: cpu - old.cpu, rss: rss - old.rss }];
    }),
  );
}

/**
 * What the work itself took: what a process takes anyway, by its idle time, is not of it. Gateways are left as they are where
 * nothing is done but being there.
 * @param {Measured} measured
 */
function workOf({ before, open, idle, said, openSeconds, idleSeconds, speakingSeconds }) {
  const anyway = minus(idle, open);
  const rate = (/** @type {string} */ kind) => (anyway[kind]?.cpu ?? 0) / idleSeconds;
  const beyond = (/** @type {Usages} */ usages, /** @type {number} */ seconds) => (/** @type {string} */ kind) =>
    Math.max(0, (usages[kind]?.cpu ?? 0) - rate(kind) * seconds);
  return { rate, logins: beyond(minus(open, before), openSeconds), said: beyond(said, speakingSeconds) };
}

/** @param {Measured} measured @param {typeof LONG} size @returns {string[]} */
function compared(measured, size) {
  const { VUS, CONNECTIONS, GATEWAYS } = size;
  const connections = VUS * CONNECTIONS;
  const { events, speakingSeconds, idle } = measured;
  const { rate, logins, said } = workOf(measured);
  const perSecond = events / speakingSeconds;
  const still = { connections, gateways: GATEWAYS, loginsPerSecond: 0, eventsPerSecond: 0, receivers: 0, hearing: 0 };
  const waits = predict(still);
  // By the second, of a second in which all of them come; nothing but the work.
  const coming = predict({ ...still, connections: 0, loginsPerSecond: connections }, WORK);
  const speaking = { ...still, connections: 0, eventsPerSecond: perSecond, receivers: connections, hearing: GATEWAYS };
  const speaks = predict(speaking, WORK);
  /** @type {[string, number, number, string][]} */
  const rows = [
    ['a gateway, resident', (idle['gateway']?.rss ?? 0) / GATEWAYS / 2 ** 20, waits.gatewayMiB, 'MiB'],
    ['a gateway, waiting', rate('gateway') / GATEWAYS, waits.gatewayCores, 'cores'],
    ['all logins: gateways', logins('gateway'), coming.gatewayCores * GATEWAYS, 's'],
    ['all logins: presence', logins('presence'), coming.presenceCores, 's'],
    ['all logins: messaging', logins('messaging'), coming.messagingCores, 's'],
    ['all logins: NATS', logins('nats'), coming.natsCores, 's'],
    ['all logins: Postgres', logins('postgres'), coming.postgresCores, 's'],
    ['a gateway, delivering', said('gateway') / speakingSeconds / GATEWAYS, speaks.gatewayCores, 'cores'],
    ['messaging, publishing', said('messaging') / speakingSeconds, speaks.messagingCores, 'cores'],
    ['NATS, delivering', said('nats') / speakingSeconds, speaks.natsCores, 'cores'],
  ];
  const each = (/** @type {number} */ cpu, /** @type {number} */ count) =>
    ((cpu / count) * 1e6).toFixed(count > 1e4 ? 2 : 0);
  const kinds = ['gateway', 'presence', 'messaging', 'nats', 'postgres'];
  const deliveries = events * connections;
  const grown = (idle['gateway']?.rss ?? 0) - (measured.before['gateway']?.rss ?? 0);
  return [
    `${connections} connections on ${GATEWAYS} gateways, ${events} events at ${perSecond.toFixed(1)}/s, ${deliveries} deliveries at ${(deliveries / speakingSeconds).toFixed(0)}/s`,
    `${cpus().length} cores, which the clients share; load average ${loadavg()[0]?.toFixed(1) ?? '?'}`,
    '',
    '| | measured | model | model / measured |',
    '|---|---|---|---|',
    ...rows.map(
      ([what, is, says, unit]) =>
        `| ${what} | ${short(is)} ${unit} | ${short(says)} ${unit} | ${(says / is).toFixed(2)} |`,
    ),
    '',
    'One of each, as measured here:',
    `  gateway: ${((measured.before['gateway']?.rss ?? 0) / GATEWAYS / 2 ** 20).toFixed(0)} MiB, and ${(grown / connections / 1_024).toFixed(1)} KiB for each connection`,
    `  a login, µs: ${kinds.map((kind) => `${kind} ${each(logins(kind), connections)}`).join(', ')}`,
    `  an event, µs: messaging ${each(said('messaging'), events)}, nats ${each(said('nats'), events)}, gateways ${each(said('gateway'), deliveries)} for each delivery`,
    `  anyway, cores: ${[...kinds, 'auth', 'rooms', 'session', 'signaling'].map((kind) => `${kind} ${rate(kind).toFixed(3)}`).join(', ')}`,
  ];
}

/** @param {number} value */
function short(value) {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 1 ? 2 : 3);
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
