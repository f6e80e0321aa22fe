// A gateway dies without a word while people speak: those who were on it come back elsewhere, spread over time, and
// nothing that was acknowledged is missing anywhere. Topics, chat, collab, party.
import { scenario } from 'k6/execution';
import { live } from './clients/population.js';
import { prepare, type Stage } from './clients/stage.js';
import { killGateway, post, wait } from './lib/board.js';
import { thresholds, zero } from './lib/measures.js';
import { oneClientEach } from './lib/options.js';
import { pause } from './lib/rest.js';
import { dialectsOf, number, patience, seconds, vus } from './lib/settings.js';

export { handleSummary } from './lib/summary.js';

const dialects = dialectsOf(['topics', 'chat', 'collab', 'party']);
const gateways = number('GATEWAYS', 2);
const TOGETHER_SECONDS = 90;

export const options = oneClientEach(
  thresholds(vus, {
    // By turns, so that one of so many was on the one that died.
    parley_reconnects: [`count>=${Math.floor(vus / gateways)}`],
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
      await pause((seconds * 1_000) / 4);
      await post('steps', { name: 'a gateway is killed', at: Date.now() });
      await killGateway(gateways);
      await pause((seconds * 3_000) / 4);
      await post('over', index);
    } else await wait('over', 1, withinSeconds);
  };
  await live(stage, index, { dialects, clients: vus, over, withinSeconds });
}
