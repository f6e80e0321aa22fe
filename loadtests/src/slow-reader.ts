// Some do not read what they subscribed to: nobody else waits for them, and when they read again they get all that they
// missed. Topics. The slow ones come in by a road of the runner's, which stops passing anything on until it is told to.
import { scenario } from 'k6/execution';
import { prepare, type Stage } from './clients/stage.js';
import { TopicsMember } from './clients/topics.js';
import { userAt } from './lib/accounts.js';
import { post, wait } from './lib/board.js';
import { compare, idsOf } from './lib/compare.js';
import { thresholds, zero } from './lib/measures.js';
import { oneClientEach } from './lib/options.js';
import { pause } from './lib/rest.js';
import { Returning } from './lib/returning.js';
import { number, patience, slowUrl, urls, vus } from './lib/settings.js';

export { handleSummary } from './lib/summary.js';

/** One of ten, and one at least. */
const slow = Math.max(1, Math.floor(vus / 10));
/** More than gateway and kernel hold for one connection together. */
const MESSAGES = number('MESSAGES', 80);
const FILLER = 'x'.repeat(number('FILLER_BYTES', 250_000));
const MESSAGES_PER_SECOND = 20;
const TOGETHER_SECONDS = 90;

export const options = oneClientEach(
  thresholds(vus, {
    // Closed for not reading, every one of them, and back.
    parley_reconnects: [`count>=${slow}`],
    'parley_delivery_ms{reader:fast}': [`p(95)<${2_000 * patience}`],
  }),
);

export function setup(): Stage {
  zero();
  return prepare(['topics'], vus);
}

export default async function (stage: Stage): Promise<void> {
  const index = scenario.iterationInTest;
  const isSlow = index >= vus - slow;
  const member = new TopicsMember(await userAt(index), stage.topic, { tags: { reader: isSlow ? 'slow' : 'fast' } });
  const client = new Returning(isSlow ? [slowUrl, ...urls] : urls, isSlow ? 0 : index, member);
  await client.start();
  await post('in', index);
  if (index === 0) {
    await wait('in', vus, TOGETHER_SECONDS);
    await post('stall', 'on');
    const answers: Promise<void>[] = [];
    for (let n = 0; n < MESSAGES; n++) {
      answers.push(member.publish(index, n, FILLER));
      await pause(1_000 / MESSAGES_PER_SECOND);
    }
    await Promise.all(answers);
    await post('acked', member.acknowledged);
  }
  const acknowledged = idsOf(await wait('acked', 1, TOGETHER_SECONDS));
  if (!isSlow) {
    await compare('topics', member.ledger, acknowledged);
    await post('fast-done', index);
  } else {
    // Only now, so that it is the slow ones alone who are slow.
    await wait('fast-done', vus - slow, TOGETHER_SECONDS);
    await post('stall', 'off');
    await compare('topics', member.ledger, acknowledged);
  }
  client.stop();
}
