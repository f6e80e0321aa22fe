import type { Bench } from './harness/bench.js';
import { interleave, withCleanUp } from './harness/interleave.js';
import { Samples, show } from './harness/stats.js';
import { say, table } from './harness/table.js';
import { startRuns, type Case } from './operations/runs.js';

const cases: readonly Case[] = [
  { name: '1 client, one document', documents: 1, clients: 1 },
  { name: '5 clients, one document', documents: 1, clients: 5 },
  { name: '50 clients, one document', documents: 1, clients: 50 },
  { name: '100 documents × 2 clients', documents: 100, clients: 200 },
];

/** Before anything is measured: code that has just been started is compiled for seconds. */
const warmUp: Case = { name: 'warm-up', documents: 2, clients: 50 };
const WARM_SECONDS = 3;

const [POSTGRES, SUBSCRIBED] = ['ShareDB, Postgres', 'ShareDB, Postgres, subscribed'];
/** Those that read what others write are compared with one whose clients do so too. */
const baselineOf = (variant: string): string => (variant.includes('sockets') ? SUBSCRIBED : POSTGRES);

/** Operations on texts, each client with one on its way and no time to think; durable but for ShareDB in memory. */
export const operations: Bench = {
  name: 'operations',
  async run({ quick }) {
    const seconds = quick ? 2 : 4;
    const measured = new Samples();
    await withCleanUp(async (later) => {
      const runs = await startRuns(later);
      for (const run of runs.values()) await run(warmUp, WARM_SECONDS);
      const variants = cases.flatMap((what) => [...runs].map(([name, run]) => ({ what, name, run })));
      await interleave(quick ? 2 : 5, variants, async ({ what, name, run }) => {
        const values = await run(what, seconds);
        for (const [figure, value] of Object.entries(values)) measured.add(`${what.name}, ${name}, ${figure}`, value);
      });
      for (const what of cases) print(what, [...runs.keys()], measured);
    });
  },
};

function print({ name, clients }: Case, variants: readonly string[], measured: Samples): void {
  say(`\n${name}\n`);
  const rows = variants.map((variant) => {
    const baseline = baselineOf(variant);
    const [own, other] = [`${name}, ${variant}`, `${name}, ${baseline}`];
    const ratio = variant === baseline ? '' : show(measured.ratio(`${own}, perSecond`, `${other}, perSecond`), 1);
    const figures = ['perSecond', 'p50', 'p99', 'commitsPerOperation'].map((figure) =>
      show(measured.spread(`${own}, ${figure}`), figure === 'perSecond' ? 0 : 2),
    );
    return [variant, ...figures, ratio];
  });
  const header = ['', 'operations/s', 'ack p50 ms', 'ack p99 ms', 'commits per operation'];
  say(table([...header, `× ShareDB on Postgres, ${clients} clients`], rows));
}
