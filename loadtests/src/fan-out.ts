// What one says reaches everybody: each message that was acknowledged to its sender is with each receiver, once and in
// order. How long does it take? Topics, and the channels of chat.
import { scenario } from 'k6/execution';
import { ChatMember, joinServer, postMessage } from './clients/chat.js';
import { countOf, partOf, prepare, type Stage } from './clients/stage.js';
import { TopicsMember } from './clients/topics.js';
import { userAt, type User } from './lib/accounts.js';
import { post, wait } from './lib/board.js';
import { compare, idsOf } from './lib/compare.js';
import { thresholds, zero } from './lib/measures.js';
import { oneClientEach } from './lib/options.js';
import { pause } from './lib/rest.js';
import { Returning } from './lib/returning.js';
import { dialectsOf, patience, perSecond, seconds, urls, vus } from './lib/settings.js';

export { handleSummary } from './lib/summary.js';

const dialects = dialectsOf(['topics', 'chat']);
const TOGETHER_SECONDS = 90;

export const options = oneClientEach(
  thresholds(vus, {
    parley_delivery_ms: [`p(95)<${1_000 * patience}`],
    parley_ack_ms: [`p(95)<${1_000 * patience}`],
  }),
);

export function setup(): Stage {
  zero();
  return prepare(dialects, vus);
}

export default async function (stage: Stage): Promise<void> {
  const index = scenario.iterationInTest;
  const user = await userAt(index);
  const { dialect, place } = partOf(dialects, index);
  if (dialect === 'chat') await inChat(user, stage, index, place);
  else await inTopics(user, stage, index, place);
}

/** The first of its dialect speaks, and hears itself as all do. */
async function inTopics(user: User, stage: Stage, index: number, place: number): Promise<void> {
  const member = new TopicsMember(user, stage.topic);
  const client = new Returning(urls, index, member);
  await client.start();
  await post('in-topics', index);
  if (place === 0) {
    await wait('in-topics', countOf(dialects, 'topics', vus), TOGETHER_SECONDS);
    await paced((n) => member.publish(index, n));
    await post('acked-topics', member.acknowledged);
  }
  await compare('topics', member.ledger, idsOf(await wait('acked-topics', 1, TOGETHER_SECONDS + seconds)));
  client.stop();
}

async function inChat(user: User, stage: Stage, index: number, place: number): Promise<void> {
  await joinServer(user, stage.serverId);
  const member = new ChatMember(user, stage.channelId);
  const client = new Returning(urls, index, member);
  await client.start();
  await post('in-chat', index);
  if (place === 0) {
    await wait('in-chat', countOf(dialects, 'chat', vus), TOGETHER_SECONDS);
    const ids: string[] = [];
    await paced(async (n) => {
      const id = await postMessage(user, stage.channelId, n);
      if (id !== undefined) ids.push(id);
    });
    await post('acked-chat', ids);
  }
  await compare('chat', member.ledger, idsOf(await wait('acked-chat', 1, TOGETHER_SECONDS + seconds)));
  client.stop();
}

/** Sends by the clock, whether or not the last is answered; resolves when all are. */
async function paced(send: (n: number) => Promise<void>): Promise<void> {
  const begun = Date.now();
  const answers: Promise<void>[] = [];
  for (let n = 0; n < seconds * perSecond; n++) {
    await pause(begun + (n * 1_000) / perSecond - Date.now());
    answers.push(send(n));
  }
  await Promise.all(answers);
}
