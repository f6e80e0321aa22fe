import type { Bench } from './harness/bench.js';
import { startBenchCluster } from './harness/cluster.js';
import { interleave, withCleanUp } from './harness/interleave.js';
import { Rig } from './harness/rig.js';
import { Samples, show } from './harness/stats.js';
import { say, table } from './harness/table.js';
import { Documents } from './operations/documents.js';

const PEOPLE = 100;
const RATE = 60;

const variants = [
  { name: 'binary, one gateway', binary: 1, gateways: [1] },
  { name: 'binary, two gateways', binary: 1, gateways: [1, 2] },
  { name: 'JSON, one gateway', binary: 0, gateways: [1] },
  { name: 'JSON, two gateways', binary: 0, gateways: [1, 2] },
] as const;

/** A hundred people in one room, each of whom moves 60 times a second and sees all the others do so. */
export const cursors: Bench = {
  name: 'cursors',
  async run({ quick }) {
    const seconds = quick ? 2 : 5;
    const measured = new Samples();
    await withCleanUp(async (later) => {
      const env = { PARLEY_COLLAB_CURSORS_PER_SECOND: '1000' };
      const { cluster, bus, tokens, usage } = await startBenchCluster(later, { gateways: 2, env });
      const documents = await Documents.open(bus, later);
      const { rig: clients } = await Rig.start('the clients', 'cursors/clients.js');
      later(() => clients.stop());
      const own = tokens.many(PEOPLE);
      await interleave(quick ? 2 : 5, variants, async ({ name, binary, gateways }) => {
        const used = gateways.map((number) => cluster.gateway(number));
        const cpu = async (): Promise<number> => {
          const all = await Promise.all(used.map(usage));
          return all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
        };
        const [roomId] = await documents.make(1, '');
        await clients.ask('enter', { roomId, binary, tokens: own, ports: used.map(({ ports }) => ports[0]) });
        await clients.ask('run', { rate: RATE, seconds: 1 });
        const before = await cpu();
        const values = await clients.ask('run', { rate: RATE, seconds });
        const spent = (await cpu()) - before;
        await clients.ask('leave');
        for (const [figure, value] of Object.entries(values)) measured.add(`${name}, ${figure}`, value);
        measured.add(`${name}, cpu`, spent / seconds);
      });
    });
    const figures = ['p50', 'p99', 'everyone', 'perSecond', 'bytes', 'cpu'];
    const header = [
      ...[`${PEOPLE} people, ${RATE} moves a second each`, 'p50 ms to the last receiver', 'p99 ms'],
      ...['moves that reached everyone', 'deliveries/s', 'bytes per cursor', 'CPU-s of gateways per second'],
    ];
    say(
      table(
        header,
        variants.map(({ name }) => [name, ...figures.map((figure) => show(measured.spread(`${name}, ${figure}`)))]),
      ),
    );
  },
};
