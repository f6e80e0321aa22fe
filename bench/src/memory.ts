import type { Bench } from './harness/bench.js';
import { startBenchCluster } from './harness/cluster.js';
import { withCleanUp } from './harness/interleave.js';
import { Rig } from './harness/rig.js';
import { Samples, show } from './harness/stats.js';
import { say, table } from './harness/table.js';

const KIB = 1_024;
/** Opened before the first look, so that code and pools are there already. */
const WARM = 200;
const SETTLE_MS = 1_500;

interface Server {
  readonly name: string;
  readonly port: number;
  readonly fields: Readonly<Record<string, unknown>>;
  memory(): Promise<{ rss: number; heapUsed: number }>;
}

/** Distinct users, each on the two channels that every login has and on one topic that all share. */
export const memory: Bench = {
  name: 'memory',
  async run({ quick }) {
    const count = quick ? 2_000 : 8_000;
    const repetitions = quick ? 1 : 3;
    const measured = new Samples();
    for (let repetition = 0; repetition < repetitions; repetition++) {
      await withCleanUp((later) => once(later, count, measured));
    }
    const names = measured.names().filter((name) => name.endsWith(' heap'));
    say(`${count} connections on top of ${WARM}, after collection`);
    say(
      table(
        ['idle connection', 'KiB of V8 heap', 'KiB of resident memory'],
        names.map((heap) => {
          const name = heap.slice(0, -' heap'.length);
          return [name, show(measured.spread(heap)), show(measured.spread(`${name} rss`))];
        }),
      ),
    );
  },
};

async function once(later: (end: () => Promise<unknown>) => void, count: number, measured: Samples): Promise<void> {
  const { rig: sink } = await Rig.start('the clients', 'clients/sink.js');
  later(() => sink.stop());
  const { rig: bare, said } = await Rig.start('bare ws', 'servers/bare-ws.js');
  later(() => bare.stop());
  const { cluster, tokens, usage } = await startBenchCluster(later, { gateways: 1, collect: true });
  const gateway = cluster.gateway(1);
  const subscribe = JSON.stringify({ type: 'Subscribe', data: { topics: ['bench.shared'] } });
  const servers: Server[] = [
    {
      name: 'bare ws, one listener',
      port: said['port'] ?? 0,
      fields: { path: '/', ready: 0 },
      memory: async () => {
        const { rss = 0, heapUsed = 0 } = await bare.ask('memory');
        return { rss, heapUsed };
      },
    },
    {
      name: 'Parley gateway, logged in, three subscriptions',
      port: gateway.ports[0],
      fields: { path: '/ws/topics', first: [subscribe], ready: 2 },
      memory: () => usage(gateway),
    },
  ];
  const needed = tokens.many(WARM + count);
  for (const server of servers) {
    const open = async (from: number, many: number): Promise<void> => {
      const fields = { ...server.fields, tokens: needed.slice(from, from + many) };
      await sink.ask('open', { group: `${server.name} ${from}`, port: server.port, count: many, ...fields });
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    };
    await open(0, WARM);
    const before = await server.memory();
    await open(WARM, count);
    const after = await server.memory();
    measured.add(`${server.name} heap`, (after.heapUsed - before.heapUsed) / count / KIB);
    measured.add(`${server.name} rss`, (after.rss - before.rss) / count / KIB);
  }
}
