import { loadavg } from 'node:os';
import { accepts } from './accepts.js';
import { chat } from './chat.js';
import { cursors } from './cursors.js';
import { fanOut } from './fan-out.js';
import type { Bench } from './harness/bench.js';
import { say } from './harness/table.js';
import { inbound } from './inbound.js';
import { latency } from './latency.js';
import { memory } from './memory.js';
import { operations } from './operations.js';
import { overhead } from './overhead.js';
import { party } from './party.js';
import { watch } from './watch.js';

const benches: readonly Bench[] = [
  fanOut,
  memory,
  inbound,
  accepts,
  latency,
  chat,
  operations,
  cursors,
  watch,
  party,
  overhead,
];
const args = process.argv.slice(2);
const quick = args.includes('--quick');
const wanted = args.filter((arg) => !arg.startsWith('--'));
const unknown = wanted.filter((name) => !benches.some((bench) => bench.name === name));

if (unknown.length > 0) {
  say(`No benchmark ${unknown.join(', ')}; there are ${benches.map(({ name }) => name).join(', ')}.`);
  process.exitCode = 1;
} else {
  for (const bench of benches) {
    if (wanted.length > 0 && !wanted.includes(bench.name)) continue;
    const startedAt = performance.now();
    say(`\n## ${bench.name}\n`);
    await bench.run({ quick });
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    say(`\n${seconds} s, load ${loadavg()[0]?.toFixed(1) ?? '?'}; figures are min / median / max over repetitions`);
  }
}
