// @ts-check
import { cpus, loadavg } from 'node:os';
import { startBoard } from './board.mjs';
import { startLoadCluster } from './cluster.mjs';
import { runScript } from './k6.mjs';
import { usageOf, usageOfTree } from './processes.mjs';
import { reportOf } from './report.mjs';
import { COSTS, predict } from './sizing-model.mjs';

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
    const [finished, measured] = await Promise.all([running, measuring.catch((error) => String(error))]);
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
  board.post('go', true);
  await board.wait('in', size.VUS, 300);
  await pause(2_000);
  const open = look();
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
  return { before, open, idle, said, idleSeconds, events, speakingSeconds };
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

/** @param {Measured} measured @param {typeof LONG} size @returns {string[]} */
function compared(measured, size) {
  const { VUS, CONNECTIONS, GATEWAYS } = size;
  const connections = VUS * CONNECTIONS;
  const logins = minus(measured.open, measured.before);
  const idle = minus(measured.idle, measured.open);
  const { said, events, speakingSeconds, idleSeconds } = measured;
  const deliveries = events * connections;
  const cpu = (/** @type {Usages} */ usages, /** @type {string} */ kind) => usages[kind]?.cpu ?? 0;
  const us = (/** @type {Usages} */ usages, /** @type {string} */ kind, /** @type {number} */ count) =>
    (cpu(usages, kind) / count) * 1e6;
  const still = { connections, gateways: GATEWAYS, loginsPerSecond: 0, eventsPerSecond: 0, receivers: 0, hearing: 0 };
  const perSecond = events / speakingSeconds;
  const speaking = { ...still, eventsPerSecond: perSecond, receivers: connections, hearing: GATEWAYS };
  const coming = predict({ ...still, connections: 0, loginsPerSecond: connections });
  const [waits, speaks] = [predict(still), predict(speaking)];
  /** @type {[string, number, number, string][]} */
  const rows = [
    ['gateway, resident, waiting', (measured.idle.gateway?.rss ?? 0) / GATEWAYS / 2 ** 20, waits.gatewayMiB, 'MiB'],
    ['gateways, CPU of all logins', cpu(logins, 'gateway'), coming.gatewayCores * GATEWAYS, 's'],
    ['presence, CPU of all logins', cpu(logins, 'presence'), coming.presenceCores, 's'],
    ['NATS, CPU of all logins', cpu(logins, 'nats'), coming.natsCores, 's'],
    ['Postgres, CPU of all logins', cpu(logins, 'postgres'), coming.postgresCores, 's'],
    ['gateways, waiting', cpu(idle, 'gateway') / idleSeconds, waits.gatewayCores * GATEWAYS, 'cores'],
    ['gateways, delivering', cpu(said, 'gateway') / speakingSeconds, speaks.gatewayCores * GATEWAYS, 'cores'],
    ['messaging', cpu(said, 'messaging') / speakingSeconds, speaks.messagingCores, 'cores'],
    ['NATS, delivering', cpu(said, 'nats') / speakingSeconds, speaks.natsCores, 'cores'],
  ];
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
    `one each: connection ${(((measured.idle.gateway?.rss ?? 0) - (measured.before.gateway?.rss ?? 0)) / connections / 1_024).toFixed(1)} KiB; base ${((measured.before.gateway?.rss ?? 0) / GATEWAYS / 2 ** 20).toFixed(0)} MiB;` +
      ` login gateway ${us(logins, 'gateway', connections).toFixed(0)}, presence ${us(logins, 'presence', connections).toFixed(0)}, messaging ${us(logins, 'messaging', connections).toFixed(0)}, NATS ${us(logins, 'nats', connections).toFixed(0)}, Postgres ${us(logins, 'postgres', connections).toFixed(0)} µs;` +
      ` waiting ${(us(idle, 'gateway', connections) / idleSeconds).toFixed(1)} µs a second;` +
      ` event messaging ${us(said, 'messaging', events).toFixed(0)}, NATS ${us(said, 'nats', events).toFixed(0)} µs, gateway with all its deliveries ${us(said, 'gateway', deliveries).toFixed(2)} µs a delivery`,
    `constants used: ${JSON.stringify(COSTS)}`,
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
