import type { Bench } from './harness/bench.js';
import { startBenchCluster } from './harness/cluster.js';
import { interleave, withCleanUp } from './harness/interleave.js';
import { Rig } from './harness/rig.js';
import { Samples, show } from './harness/stats.js';
import { say, table } from './harness/table.js';

const LANES = 16;
const ways = [
  ['bare NATS', 'publish and subscribe, nothing else'],
  ['live', 'live event: bus → gateway → socket'],
  ['bare JetStream', 'stored and republished, nothing else'],
  ['durable', 'Broadcast: socket → gateway → messaging → stream → other gateway → socket'],
] as const;

/** From pod to pod: sent on sixteen connections of one gateway, received on sixteen of another. */
export const latency: Bench = {
  name: 'latency',
  async run({ quick }) {
    const seconds = quick ? 2 : 5;
    const measured = new Samples();
    await withCleanUp(async (later) => {
      const { cluster, tokens } = await startBenchCluster(later, { gateways: 2 });
      const { rig: clients } = await Rig.start('the clients', 'clients/latency.js');
      later(() => clients.stop());
      const topics = Array.from({ length: LANES }, (_, lane) => `bench.lane-${lane}`);
      await clients.ask('publishers', { port: cluster.gateway(1).ports[0], tokens: tokens.many(LANES), topics });
      await clients.ask('subscribers', { port: cluster.gateway(2).ports[0], tokens: tokens.many(LANES) });
      const run = (way: string, rate: number, length: number) =>
        clients.ask('run', { way, rate, seconds: length, nats: cluster.natsUrl });
      const variants = [500, 5_000].flatMap((rate) => ways.map(([way, says]) => ({ rate, way, says })));
      for (const { way } of variants) await run(way, 2_000, 2);
      await interleave(quick ? 2 : 5, variants, async ({ rate, way, says }) => {
        const { sent = 0, heard = 0, p50 = NaN, p99 = NaN } = await run(way, rate, seconds);
        if (heard < sent * 0.99) throw new Error(`${way}: ${heard} of ${sent} messages came`);
        const name = `${rate}/s, ${says}`;
        measured.add(`${name} p50`, p50 / 1_000);
        measured.add(`${name} p99`, p99 / 1_000);
      });
    });
    const names = measured.names().filter((name) => name.endsWith(' p50'));
    say(
      table(
        ['one receiver each', 'p50 ms', 'p99 ms'],
        names.map((p50) => {
          const name = p50.slice(0, -' p50'.length);
          return [name, show(measured.spread(p50)), show(measured.spread(`${name} p99`))];
        }),
      ),
    );
  },
};
