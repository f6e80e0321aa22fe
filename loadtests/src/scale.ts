// Behind a load balancer, while the runner restarts gateways and kills one: see scripts/loadtest/scale.mjs. Nothing that
// was acknowledged is missing anywhere, and whoever lost a connection goes on where they were.
import { scenario } from 'k6/execution';
import { live } from './clients/population.js';
import { prepare, type Stage } from './clients/stage.js';
import { post, wait } from './lib/board.js';
import { thresholds, zero } from './lib/measures.js';
import { oneClientEach } from './lib/options.js';
import { dialectsOf, number, patience, seconds, vus } from './lib/settings.js';

export { handleSummary } from './lib/summary.js';

const dialects = dialectsOf(['topics', 'chat', 'collab', 'party']);
const TOGETHER_SECONDS = 90;

export const options = oneClientEach(
  thresholds(vus, {
    // At least everybody once, since every gateway goes away.
    parley_reconnects: [`count>=${number('RECONNECTS', vus)}`],
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
    // The runner begins when everybody is in, and says when it has done everything.
    if (index === 0) await post('begun', index);
    await wait('over', 1, withinSeconds);
  };
  await live(stage, index, { dialects, clients: vus, over, withinSeconds });
}
