import type { messaging, HistoryRule } from '@parley/contracts';
import type { Static } from '@sinclair/typebox';
import type { TopicRules } from './topic-rules.js';

type Request = Static<typeof messaging.authorizeTopics.request>;
type Reply = Static<typeof messaging.authorizeTopics.reply>;

const NO_HISTORY: HistoryRule = { messages: 0, seconds: 0 };

export function authorizeTopics(rules: TopicRules, { actor, patterns }: Request): Reply {
  return {
    answers: patterns.map((pattern) => {
      const allowed = rules.maySubscribe(actor, pattern);
      return { allowed, history: allowed ? rules.history(pattern) : NO_HISTORY };
    }),
  };
}
