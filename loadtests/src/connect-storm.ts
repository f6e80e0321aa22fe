// How long does it take until everybody is in, when all come at the same moment? Any dialect; a client that is refused
// comes again as it is asked to, and in the end nobody is left outside.
import { scenario } from 'k6/execution';
import { partOf, prepare, roleOf, type Stage } from './clients/stage.js';
import { userAt } from './lib/accounts.js';
import { post, wait } from './lib/board.js';
import { checked, thresholds, zero } from './lib/measures.js';
import { oneClientEach } from './lib/options.js';
import { pause } from './lib/rest.js';
import { Returning } from './lib/returning.js';
import { dialectsOf, everyDialect, patience, seconds, urls, vus } from './lib/settings.js';

export { handleSummary } from './lib/summary.js';

const dialects = dialectsOf(everyDialect);
const TOGETHER_SECONDS = 90;

export const options = oneClientEach(
  thresholds(vus, { parley_login_ms: [`p(95)<${5_000 * patience}`], parley_logins: [`count>=${vus}`] }),
);

export function setup(): Stage {
  zero();
  return prepare(dialects, vus);
}

export default async function (stage: Stage): Promise<void> {
  const index = scenario.iterationInTest;
  const role = await roleOf(partOf(dialects, index), await userAt(index), stage);
  const client = new Returning(urls, index, role);
  await post('ready', index);
  await wait('ready', vus, TOGETHER_SECONDS);
  await client.start();
  await post('in', index);
  await wait('in', vus, TOGETHER_SECONDS);
  // Everybody is in at the same time, and stays.
  await pause(Math.min(seconds, 2) * 1_000);
  if (client.isThere) checked.add(1, { dialect: role.dialect });
  client.stop();
}
