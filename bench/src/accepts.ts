import type { Bench } from './harness/bench.js';
import { startBenchCluster } from './harness/cluster.js';
import { interleave, withCleanUp } from './harness/interleave.js';
import { metricSum } from './harness/metrics.js';
import { Rig } from './harness/rig.js';
import { Samples, show } from './harness/stats.js';
import { say, table } from './harness/table.js';
import { TokenMaker } from './harness/tokens.js';
import { gatewayEnv, GATEWAY_RIG } from './servers/gateway-rig.js';

const AT_ONCE = 32;

interface Server {
  readonly name: string;
  readonly port: number;
  readonly fields: Readonly<Record<string, unknown>>;
  cpuSeconds(): Promise<number>;
  connections(): Promise<number>;
}

/** New connections per CPU-second of the server, with more and more of what a login takes. */
export const accepts: Bench = {
  name: 'accepts',
  async run({ quick }) {
    const count = quick ? 500 : 1_500;
    const measured = new Samples();
    await withCleanUp(async (later) => {
      const { rig: sink } = await Rig.start('the clients', 'clients/sink.js');
      later(() => sink.stop());
      const servers = await start(later, count);
      const run = async (server: Server): Promise<number> => {
        const before = await server.cpuSeconds();
        const group = { group: 'accepts', atOnce: AT_ONCE };
        await sink.ask('open', { ...server.fields, ...group, port: server.port, count });
        const used = (await server.cpuSeconds()) - before;
        await sink.ask('close', group);
        // What closing costs must not be put down to whoever is next.
        while ((await server.connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
        return count / used;
      };
      for (const server of servers) await run(server);
      await interleave(quick ? 3 : 7, servers, async (server) => {
        measured.add(server.name, await run(server));
      });
      const [base] = servers;
      say(
        table(
          ['accepts', 'per server CPU-second', '× bare ws'],
          servers.map(({ name }) => [name, show(measured.spread(name)), show(measured.ratio(name, base?.name ?? ''))]),
        ),
      );
    });
  },
};

async function start(later: (end: () => Promise<unknown>) => void, count: number): Promise<readonly Server[]> {
  const tokens = new TokenMaker();
  const own = tokens.many(count);
  const rig = async (name: string, path: string, env: Readonly<Record<string, string>>) => {
    const { rig: started, said } = await Rig.start(name, path, { env });
    later(() => started.stop());
    return {
      port: said['port'] ?? 0,
      cpuSeconds: () => started.cpuSeconds(),
      connections: async () => (await started.ask('connections'))['connections'] ?? 0,
    };
  };
  const bare = await rig('bare ws', 'servers/bare-ws.js', {});
  const deaf = await rig('the gateway without a protocol', GATEWAY_RIG, { ...gatewayEnv(tokens), RIG_DIALECT: 'none' });
  const local = await rig('the gateway without NATS', GATEWAY_RIG, gatewayEnv(tokens));
  const { cluster, tokens: others, usage } = await startBenchCluster(later, { gateways: 1 });
  const gateway = cluster.gateway(1);
  const path = '/ws/topics';
  const welcome = { path, ready: 1 };
  return [
    { ...bare, name: 'bare ws, no authentication', fields: { path, ready: 0 } },
    { ...deaf, name: 'gateway, no token', fields: { path, ready: 0 } },
    { ...deaf, name: 'gateway, token verified', fields: { path, ready: 0, tokens: own } },
    { ...local, name: 'and welcomed: presence and two channels, no NATS', fields: { ...welcome, tokens: own } },
    {
      name: 'and through NATS: the whole gateway',
      port: gateway.ports[0],
      fields: { ...welcome, tokens: others.many(count) },
      cpuSeconds: async () => (await usage(gateway)).cpuSeconds,
      connections: () => metricSum(gateway.probesUrl, 'parley_connections_active'),
    },
  ];
}
