import { fileURLToPath } from 'node:url';
import type { Exit } from './child.js';
import { onFreePorts } from './free-port.js';
import { freshDatabase } from './fresh-database.js';
import { startNats, type TestNats } from './nats.js';
import { startService, type ServiceProcess } from './service-process.js';

type Variables = Readonly<Record<string, string>>;

export interface ClusterOptions {
  /** Default 1. */
  readonly gateways?: number;
  /** Replicas of each service; default one of each, see `DEFAULT_SERVICES`. `{ messaging: 2 }` keeps the others. */
  readonly services?: Readonly<Record<string, number>>;
  /** Used and left alone when given; otherwise the cluster has a NATS of its own. */
  readonly natsUrl?: string;
  /** Which nats-server, where the cluster has its own. */
  readonly natsBin?: string;
  /** Used and left alone when given; otherwise a new database on the shared Postgres. */
  readonly databaseUrl?: string;
  /** More variables for every process. */
  readonly env?: Variables;
  /** More variables for one service or one process: `{ gateway: {…}, 'gateway-2': {…} }`. */
  readonly envOf?: Readonly<Record<string, Variables>>;
  /** Where `<service>/dist/main.js` lie; default: this repository's services. */
  readonly servicesFolder?: string;
}

export interface ClusterGateway extends ServiceProcess {
  /** REST and every dialect: `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** The same as `ws://…`. */
  readonly wsUrl: string;
  /** In the roles of 8080, 8081 (plain `/ws` is `topics`) and 8000. */
  readonly ports: readonly [number, number, number];
}

/** Real processes of every service, on free ports, which die with the test. */
export interface Cluster {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  /** The cluster's own NATS, to kill and restart; fails when it was given one. */
  readonly nats: TestNats;
  /** A key of the server API. */
  readonly apiKey: string;
  /** `gateway-1` first. */
  readonly gateways: readonly ClusterGateway[];
  gateway(number: number): ClusterGateway;
  /** `auth`, `messaging`, `messaging-2`, `gateway-1` … */
  process(name: string): ServiceProcess;
  readonly processes: readonly ServiceProcess[];
  /** Default SIGKILL. */
  kill(name: string, signal?: NodeJS.Signals): Promise<Exit>;
  restart(name: string): Promise<void>;
  /** Gateways, services, then what it started for itself. Returns how each process ended. */
  stop(): Promise<ReadonlyMap<string, Exit>>;
}

const DEFAULT_SERVICES = { auth: 1, presence: 1, messaging: 1, signaling: 1, rooms: 1, session: 1 };
const API_KEY = 'test-api-key';
const SERVICES_FOLDER = fileURLToPath(new URL('../../../services/', import.meta.url));

/** Tests need no password hard to guess. */
const FAST_HASHING = { PARLEY_AUTH_HASH_MEMORY_KIB: '1024', PARLEY_AUTH_HASH_PASSES: '1' };

/** On a busy machine a gateway may answer late; the counts that tests expect are of all of them. */
const PATIENT_COUNTING = { PARLEY_BROADCAST_RECEIPTS_MS: '2000' };

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const ends: (() => Promise<unknown>)[] = [];
  try {
    return await assemble(options, ends);
  } catch (error) {
    for (const end of ends.reverse()) await end().catch(() => undefined);
    throw error;
  }
}

async function assemble(options: ClusterOptions, ends: (() => Promise<unknown>)[]): Promise<Cluster> {
  const nats = options.natsUrl === undefined ? await startNats(binOf(options)) : undefined;
  if (nats !== undefined) ends.push(() => nats.stop());
  const database = options.databaseUrl === undefined ? await freshDatabase() : undefined;
  if (database !== undefined) ends.push(() => database.drop());
  const natsUrl = options.natsUrl ?? nats?.url ?? '';
  const databaseUrl = options.databaseUrl ?? database?.url ?? '';

  const start = async (service: string, name: string, env: Variables): Promise<ServiceProcess> => {
    const started = await startService({
      name,
      main: `${options.servicesFolder ?? SERVICES_FOLDER}/${service}/dist/main.js`,
      env: { PARLEY_NATS_URL: natsUrl, ...env, ...options.env, ...options.envOf?.[service], ...options.envOf?.[name] },
    });
    ends.push(() => started.stop());
    return started;
  };

  const services = await all(
    namesOf({ ...DEFAULT_SERVICES, ...options.services }).map(({ service, name }) =>
      start(service, name, { PARLEY_DATABASE_URL: databaseUrl, ...(service === 'auth' ? FAST_HASHING : {}) }),
    ),
  );
  const gateways = await all(
    Array.from({ length: options.gateways ?? 1 }, async (_, index) => {
      const settings = { PARLEY_GATEWAY_HOST: '127.0.0.1', PARLEY_API_KEYS: API_KEY, ...PATIENT_COUNTING };
      return onFreePorts(async (...ports) => {
        const env = { ...settings, PARLEY_GATEWAY_PORTS: JSON.stringify(ports) };
        return asGateway(await start('gateway', `gateway-${String(index + 1)}`, env), ports);
      });
    }),
  );
  return clusterOf({ natsUrl, databaseUrl, nats, services, gateways, ends });
}

interface Parts {
  readonly natsUrl: string;
  readonly databaseUrl: string;
  readonly nats: TestNats | undefined;
  readonly services: readonly ServiceProcess[];
  readonly gateways: readonly ClusterGateway[];
  readonly ends: readonly (() => Promise<unknown>)[];
}

function clusterOf({ natsUrl, databaseUrl, nats, services, gateways, ends }: Parts): Cluster {
  const processes = [...services, ...gateways];
  const find = (name: string): ServiceProcess => {
    const found = processes.find((process) => process.name === name);
    if (found === undefined) throw new Error(`the cluster has no ${name}: ${processes.map((p) => p.name).join(', ')}`);
    return found;
  };
  return {
    natsUrl,
    databaseUrl,
    get nats() {
      if (nats === undefined) throw new Error('this cluster was given its NATS');
      return nats;
    },
    apiKey: API_KEY,
    gateways,
    gateway(number) {
      const found = gateways[number - 1];
      if (found === undefined) throw new Error(`the cluster has ${String(gateways.length)} gateways`);
      return found;
    },
    process: find,
    processes,
    kill: (name, signal) => find(name).kill(signal),
    restart: (name) => find(name).restart(),
    async stop() {
      const exits = new Map<string, Exit>();
      for (const group of [gateways, services]) {
        await Promise.all(group.map(async (process) => exits.set(process.name, await process.stop())));
      }
      // What remains is what it started for itself: a stopped process is stopped again at no cost.
      for (const end of ends.toReversed()) await end();
      return exits;
    },
  };
}

function asGateway(process: ServiceProcess, ports: readonly [number, number, number]): ClusterGateway {
  const host = `127.0.0.1:${String(ports[0])}`;
  // Not spread: child and probesUrl change with a restart.
  return {
    name: process.name,
    get child() {
      return process.child;
    },
    get probesUrl() {
      return process.probesUrl;
    },
    kill: (signal) => process.kill(signal),
    restart: () => process.restart(),
    stop: () => process.stop(),
    url: `http://${host}`,
    wsUrl: `ws://${host}`,
    ports,
  };
}

/** `{ messaging: 2 }` → `messaging`, `messaging-2`. */
function namesOf(replicas: Readonly<Record<string, number>>): { service: string; name: string }[] {
  return Object.entries(replicas).flatMap(([service, count]) =>
    Array.from({ length: count }, (_, index) => ({
      service,
      name: index === 0 ? service : `${service}-${String(index + 1)}`,
    })),
  );
}

/** Waits for all even when one fails, so that nothing is started behind the back of the clean-up. */
async function all<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw new Error(String(failed.reason), { cause: failed.reason });
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

function binOf({ natsBin }: ClusterOptions): { bin?: string } {
  return natsBin === undefined ? {} : { bin: natsBin };
}
