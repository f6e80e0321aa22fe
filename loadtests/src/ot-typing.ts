// Several type into one document, and into many: every acknowledged word is in the document once, and everybody has seen
// every version. How long does an acknowledgment take? Collab.
import { scenario } from 'k6/execution';
import { compareRoom, typeUntil } from './clients/typing.js';
import { countOf, prepare, roomOf, type Stage } from './clients/stage.js';
import { CollabWriter } from './clients/collab.js';
import { userAt } from './lib/accounts.js';
import { post, wait } from './lib/board.js';
import { thresholds, zero } from './lib/measures.js';
import { oneClientEach } from './lib/options.js';
import { Returning } from './lib/returning.js';
import { patience, seconds, urls, vus } from './lib/settings.js';

export { handleSummary } from './lib/summary.js';

const TOGETHER_SECONDS = 90;

export const options = oneClientEach(thresholds(vus, { parley_ack_ms: [`p(95)<${1_000 * patience}`] }));

export function setup(): Stage {
  zero();
  return prepare(['collab'], vus);
}

export default async function (stage: Stage): Promise<void> {
  const index = scenario.iterationInTest;
  const user = await userAt(index);
  const writer = new CollabWriter(user, roomOf(stage, index));
  const client = new Returning(urls, index, writer);
  await client.start();
  await post('in', index);
  await wait('in', countOf(['collab'], 'collab', vus), TOGETHER_SECONDS);
  const until = Date.now() + seconds * 1_000;
  await typeUntil(writer, index, () => Date.now() > until);
  await post('acked', writer.acknowledged);
  await wait('acked', vus, TOGETHER_SECONDS + seconds);
  await compareRoom(writer, user, roomOf(stage, index), writer.acknowledged);
  client.stop();
}
