import type { messaging, HistoryRule } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TopicRules } from './topic-rules.js';

type Request = Static<typeof messaging.authorizeTopics.request>;
type Reply = Static<typeof messaging.authorizeTopics.reply>;

const NO_HISTORY: HistoryRule = { messages: 0, seconds: 0 };
/** A thousand patterns against a thousand rules take a while; publications go on in between. */
const SLICE_MS = 5;

export async function authorizeTopics(rules: TopicRules, { actor, patterns }: Request): Promise<Reply> {
  const answers: Reply['answers'] = [];
  let sliceEndsAt = performance.now() + SLICE_MS;
  for (const pattern of patterns) {
    const history = rules.readable(actor, pattern);
    answers.push({ allowed: history !== undefined, history: history ?? NO_HISTORY });
    if (performance.now() < sliceEndsAt) continue;
    await nextTurn();
    sliceEndsAt = performance.now() + SLICE_MS;
  }
  return { answers };
}
