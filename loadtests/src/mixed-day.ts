// Everything at once, as on a day of which nobody remembers anything: all dialects, people who speak and people who
// listen, some who lose their connection now and then, and cameras that are looked at. Nothing acknowledged is missing.
import { scenario } from 'k6/execution';
import { live } from './clients/population.js';
import { prepare, type Stage } from './clients/stage.js';
import { post, wait } from './lib/board.js';
import { thresholds, zero } from './lib/measures.js';
import { oneClientEach } from './lib/options.js';
import { pause } from './lib/rest.js';
import { dialectsOf, everyDialect, patience, seconds, vus } from './lib/settings.js';

export { handleSummary } from './lib/summary.js';

const dialects = dialectsOf(everyDialect);
const TOGETHER_SECONDS = 90;

export const options = oneClientEach(
  thresholds(vus, {
    parley_delivery_ms: [`p(90)<${1_500 * patience}`],
    parley_ack_ms: [`p(95)<${1_500 * patience}`],
    parley_back_ms: [`p(95)<${10_000 * patience}`],
  }),
);

export function setup(): Stage {
  zero();
  return prepare(dialects, vus);
}

export default async function (stage: Stage): Promise<void> {
  const index = scenario.iterationInTest;
  const withinSeconds = TOGETHER_SECONDS + seconds;
  const over = async (): Promise<void> => {
    if (index === 0) {
      await pause(seconds * 1_000);
      await post('over', index);
    } else await wait('over', 1, withinSeconds);
  };
  await live(stage, index, { dialects, clients: vus, over, withinSeconds, restless: true });
}
