// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from './child.mjs';
import { distribute } from './options.mjs';
import { freePortNear, probePort } from './ports.mjs';
import { StartError, complain } from './say.mjs';

/** @typedef {import('./child.mjs').Spec} Spec */
/** @typedef {{http: number, topics: number, watch: number}} Ports */

/** The account that everybody may try; it exists only where npm start makes it. */
export const demo = { username: 'demo', password: 'parley-demo' };

/** A gateway's drain and shutdown, then the services': with the servers after them (see launcher.mjs) less than 10 s. */
const DRAIN_SECONDS = '2';
const SHUTDOWN_SECONDS = { gateway: '1', service: '3' };

const METRICS_PORT = 9464;

/** @param {number} count @param {number} offset @returns {Ports[]} one per gateway */
export function gatewayPorts(count, offset) {
  return Array.from({ length: count }, (_, index) => {
    const shift = offset + 10 * index;
    return { http: 8080 + shift, topics: 8081 + shift, watch: 8000 + shift };
  });
}

/** Where a person opens the page. @param {Ports} ports */
export function consoleUrl({ http }) {
  return `http://127.0.0.1:${http}`;
}

/** By both names of this machine, since people type either; the page keeps to the one that it was opened by. @param {Ports} ports */
function consoleOrigins(ports) {
  return [consoleUrl(ports), `http://localhost:${ports.http}`];
}

/** Says at once what would otherwise fail a minute later. @param {readonly Ports[]} gateways */
export async function checkPorts(gateways) {
  for (const port of gateways.flatMap(({ http, topics, watch }) => [http, topics, watch])) {
    for (const host of [undefined, '127.0.0.1']) {
      const probe = await probePort(port, host);
      if (probe.free) continue;
      const why = probe.code === 'EADDRINUSE' ? 'is already in use' : `cannot be opened (${probe.code})`;
      throw new StartError(`port ${port} ${why}; free it, or start with --port-offset 10000`);
    }
  }
}

/**
 * One process per service and gateway.
 * @param {{root: string, home: string, natsUrl: string, databaseUrl: string, apiKey: string, portOffset: number, gateways: readonly Ports[], services: readonly string[]}} cluster
 * @returns {Promise<{services: Spec[], gateways: Spec[], metrics: Map<string, number>}>}
 */
export async function processSpecs(cluster) {
  const given = await distribute(cluster.root, [...cluster.services, 'gateway'], process.env);
  for (const name of given.unknown)
    complain(`${name} is set, but nothing reads it; docs/generated/OPTIONS.md lists all`);
  /** @type {Map<string, number>} */
  const metrics = new Map();
  let wish = METRICS_PORT + cluster.portOffset;
  const make = async (
    /** @type {string} */ name,
    /** @type {string} */ service,
    /** @type {NodeJS.ProcessEnv} */ env,
  ) => {
    const port = await freePortNear(wish);
    wish += 1;
    metrics.set(name, port);
    return processSpec(cluster, name, service, {
      PARLEY_METRICS_HOST: '127.0.0.1',
      ...given.forService(service),
      PARLEY_METRICS_PORT: String(port),
      ...env,
    });
  };

  const gateways = [];
  for (const [index, { http, topics, watch }] of cluster.gateways.entries()) {
    const name = cluster.gateways.length === 1 ? 'gateway' : `gateway-${index + 1}`;
    const env = {
      PARLEY_GATEWAY_PORTS: JSON.stringify([http, topics, watch]),
      PARLEY_DATABASE_URL: undefined,
      PARLEY_API_KEYS: [process.env['PARLEY_API_KEYS'], cluster.apiKey].filter((keys) => keys).join(','),
      PARLEY_DRAIN_SECONDS: DRAIN_SECONDS,
      PARLEY_CONSOLE_GATEWAYS: JSON.stringify(cluster.gateways.flatMap(consoleOrigins)),
      PARLEY_CONSOLE_DEMO: JSON.stringify([demo]),
      PARLEY_SHUTDOWN_SECONDS: SHUTDOWN_SECONDS.gateway,
    };
    gateways.push(await make(name, 'gateway', env));
  }
  const services = [];
  for (const service of cluster.services) {
    const env = {
      PARLEY_DATABASE_URL: cluster.databaseUrl,
      PARLEY_SHUTDOWN_SECONDS: SHUTDOWN_SECONDS.service,
      ...(service === 'auth' ? { PARLEY_DEMO_ACCOUNT: `${demo.username}:${demo.password}` } : {}),
      ...(service === 'messaging' ? { PARLEY_DEMO_SERVER: demo.username } : {}),
    };
    services.push(await make(service, service, env));
  }
  return { services, gateways, metrics };
}

/**
 * @param {{root: string, home: string, natsUrl: string}} cluster
 * @param {string} name
 * @param {string} service
 * @param {NodeJS.ProcessEnv} env
 * @returns {Spec}
 */
function processSpec({ root, home, natsUrl }, name, service, env) {
  const main = join(root, 'services', service, 'dist', 'main.js');
  if (!existsSync(main)) throw new StartError(`${main} is missing; npm run build should have made it`);
  return {
    name,
    command: process.execPath,
    args: ['--enable-source-maps', main],
    env: { ...env, PARLEY_NATS_URL: natsUrl, PARLEY_ANNOUNCE: '1' },
    log: join(home, 'logs', `${name}.log`),
    readyMs: 60_000,
    isReady: saysReady,
    onLine: (line) => {
      const worth = worthShowing(line);
      if (worth !== undefined) complain(`${name}: ${worth}`);
    },
  };
}

/** @param {string} line */
export function saysReady(line) {
  if (!line.startsWith('{')) return false;
  try {
    return JSON.parse(line).ready === true;
  } catch {
    return false;
  }
}

/** Warnings and worse of the JSON log. @param {string} line @returns {string | undefined} */
export function worthShowing(line) {
  if (!line.startsWith('{')) return undefined;
  try {
    const { level } = JSON.parse(line);
    const grave = typeof level === 'number' ? level >= 40 : ['warn', 'error', 'fatal'].includes(level);
    return grave ? messageOf(line) : undefined;
  } catch {
    return undefined;
  }
}
