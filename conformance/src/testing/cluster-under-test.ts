import { connectBus } from '@parley/bus';
import { createLogger } from '@parley/telemetry';
import { startCluster, type Cluster } from '@parley/testing';
import { Type } from '@sinclair/typebox';
import { DEFAULT_LONGEST_WAIT_SECONDS, defaultLimits, profiles, type Settings } from '../settings.js';

const ECHO = 'X-ConformanceEcho';

/** Smaller than by default where a scenario would otherwise take long to reach them. */
const limits = {
  ...defaultLimits,
  ...{ queue: 100, connectionsPerUser: 8, subscriptions: 60, burst: 120, roomCapacity: 6, viewersPerDevice: 3 },
};

export interface ClusterUnderTest {
  readonly cluster: Cluster;
  readonly settings: Settings;
  /** The same cluster, asked about another dialect. */
  settingsOf(dialect: string): Settings;
  stop(): Promise<void>;
}

interface UnderTest {
  readonly dialect: string;
  /** How long tokens live, seconds. */
  readonly tokenSeconds: number;
}

/** Two gateways, tokens that a test can see expire, and a backend that echoes. */
export async function startClusterUnderTest({ dialect, tokenSeconds }: UnderTest): Promise<ClusterUnderTest> {
  const cluster = await startCluster({
    gateways: 2,
    envOf: {
      auth: {
        PARLEY_AUTH_ACCESS_TOKEN_SECONDS: String(tokenSeconds),
        PARLEY_AUTH_REGISTRATIONS_PER_ADDRESS: '10000',
        // Passwords are not what is tested, and there are many.
        PARLEY_AUTH_HASH_MEMORY_KIB: '64',
        PARLEY_AUTH_HASH_PASSES: '1',
      },
      gateway: {
        PARLEY_SUBSCRIPTIONS_MAX: String(limits.subscriptions),
        PARLEY_MESSAGE_BURST: String(limits.burst),
        // Filling a slow reader's queue would wait for the publisher's own share of bytes.
        PARLEY_BYTES_PER_SECOND: '100000000',
        PARLEY_BYTE_BURST: '100000000',
        // Slower than signals are relayed on the slowest machine, so that their limit can be reached.
        ...(dialect === 'chat' ? { PARLEY_MESSAGES_PER_SECOND: '20' } : {}),
      },
      messaging: {
        PARLEY_DIRECT_QUEUE_LIMIT: String(limits.queue),
        PARLEY_DIRECT_RECEIPTS_MS: '2000',
        PARLEY_NOTIFICATION_RECEIPTS_MS: '2000',
      },
      presence: { PARLEY_USER_CONNECTIONS_MAX: String(limits.connectionsPerUser), PARLEY_PRESENCE_GRACE_MS: '1000' },
      signaling: {
        PARLEY_VOICE_GRACE_MS: '2000',
        PARLEY_WATCH_VIEWERS_PER_DEVICE_MAX: String(limits.viewersPerDevice),
        PARLEY_ICE_STUN_URLS: 'stun:stun.example.org:3478',
        PARLEY_TURN_URLS: 'turn:turn.example.org:3478?transport=udp,turn:turn.example.org:3478?transport=tcp',
        PARLEY_TURN_SECRET: 'only for this test',
      },
      rooms: { PARLEY_ROOMS_CAPACITY: String(limits.roomCapacity) },
    },
  });
  const logger = createLogger('conformance', { level: 'silent' });
  const bus = await connectBus({ servers: cluster.natsUrl, name: 'conformance', logger });
  const backend = bus.serveExtension(ECHO, Type.Unknown(), async (data) => data);
  const settingsOf = (asked: string): Settings => ({
    url: urlOf(cluster, asked, 1),
    secondUrl: urlOf(cluster, asked, 2),
    rest: cluster.gateway(1).url,
    apiKey: cluster.apiKey,
    listeners: cluster.gateway(1).ports.map((port) => `ws://127.0.0.1:${String(port)}`),
    echo: ECHO,
    profiles,
    longestWaitSeconds: DEFAULT_LONGEST_WAIT_SECONDS,
    limits,
  });
  return {
    cluster,
    settings: settingsOf(dialect),
    settingsOf,
    async stop() {
      await backend.stop();
      await bus.close();
      await cluster.stop();
    },
  };
}

/** Plain `/ws` belongs to topics on the second listener, and to chat on the others. */
function urlOf(cluster: Cluster, dialect: string, gateway: number): string {
  const own = dialect === 'watch' ? '/ws/viewer' : `/ws/${dialect}`;
  const path = dialect === 'topics' || dialect === 'chat' ? '/ws' : own;
  return `ws://127.0.0.1:${String(cluster.gateway(gateway).ports[dialect === 'topics' ? 1 : 0])}${path}`;
}
