import { connectBus, type Bus } from '@parley/bus';
import { auth, ok } from '@parley/contracts';
import {
  startCluster,
  startNats,
  startPostgres,
  type Cluster,
  type ClusterOptions,
  type ServiceProcess,
} from '@parley/testing';
import { unlimited } from '../servers/gateway-rig.js';
import { TokenMaker } from './tokens.js';

const PROBE = new URL('./probe.js', import.meta.url).href;
const PROBE_MS = 30_000;
/** One benchmark from one address must not run into limits; connections are still bounded by the benchmark itself. */
const env = { ...unlimited, PARLEY_LOG_LEVEL: 'warn', NODE_OPTIONS: `--import=${PROBE}` };

const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

export interface Usage {
  readonly cpuSeconds: number;
  readonly rss: number;
  readonly heapUsed: number;
}

export interface BenchCluster {
  readonly cluster: Cluster;
  /** A connection of the benchmark's own. */
  readonly bus: Bus;
  readonly tokens: TokenMaker;
  usage(process: ServiceProcess): Promise<Usage>;
}

/**
 * Real processes, with NATS and Postgres of their own. In the place of the auth service stands this process, which hands
 * out a public key, so that any number of users need not register first.
 */
export async function startBenchCluster(
  later: (end: () => Promise<unknown>) => void,
  options: {
    readonly gateways: number;
    readonly collect?: boolean;
    readonly env?: Readonly<Record<string, string>>;
    readonly envOf?: ClusterOptions['envOf'];
  },
): Promise<BenchCluster> {
  const nats = await startNats();
  later(() => nats.stop());
  const postgres = await startPostgres();
  later(() => postgres.stop());
  const bus = await connectBus({ servers: nats.url, name: 'bench', logger: silent });
  later(() => bus.close());
  const tokens = new TokenMaker();
  bus.serve(auth.keys, () => Promise.resolve(ok({ keys: [...tokens.keys] })));
  bus.serve(auth.checkLogins, () => Promise.resolve(ok({ invalid: [] })));
  bus.serve(auth.getUser, ({ userId }) => Promise.resolve(ok(tokens.user(userId))));
  const cluster = await startCluster({
    natsUrl: nats.url,
    databaseUrl: postgres.url,
    gateways: options.gateways,
    services: { auth: 0 },
    ...(options.envOf === undefined ? {} : { envOf: options.envOf }),
    env: { ...env, ...(options.collect === true ? { PROBE_COLLECT: '1' } : {}), ...options.env },
  });
  later(() => cluster.stop());
  return { cluster, bus, tokens, usage: prober() };
}

function prober(): BenchCluster['usage'] {
  const asked = new Map<string, number>();
  return async ({ name, child }) => {
    const number = (asked.get(name) ?? 0) + 1;
    asked.set(name, number);
    child.signal('SIGUSR2');
    return child.line('its figures', PROBE_MS, (line) => usageOf(line, number));
  };
}

function usageOf(line: string, number: number): Usage | undefined {
  if (!line.startsWith(`{"probe":${number},`)) return undefined;
  const said: unknown = JSON.parse(line);
  if (typeof said !== 'object' || said === null) return undefined;
  const values = new Map(Object.entries(said));
  const figure = (name: string): number => Number(values.get(name));
  return {
    cpuSeconds: (figure('user') + figure('system')) / 1e6,
    rss: figure('rss'),
    heapUsed: figure('heapUsed'),
  };
}

function ignore(): void {
  // A benchmark's own connection has nothing to log.
}
