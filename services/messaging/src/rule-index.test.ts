import { compile, newUserId, TopicPattern, type Actor } from '@parley/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { authorizeTopics } from './authorize-topics.js';
import { RuleIndex } from './rule-index.js';
import { intersect, matches } from './topic-pattern.js';
import { TopicRuleList, TopicRules } from './topic-rules.js';

const ruleCheck = compile(TopicRuleList);
const patternCheck = compile(TopicPattern);
const actor: Actor = { type: 'user', userId: newUserId() };

const token = fc.constantFrom('a', 'b', '*');
const first = fc.oneof(token, fc.constantFrom('$s', '$*'));
const pattern = fc
  .tuple(first, fc.array(token, { maxLength: 3 }), fc.boolean())
  .map(([head, tail, open]) => [head, ...tail, ...(open ? ['>'] : [])]);

it('finds the rules that looking at each would find', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 12 }), pattern, (patterns, asked) => {
      const rules = patterns.map((tokens, id) => ({ tokens, id }));
      const index = new RuleIndex(rules);
      const idsOf = (found: readonly { id: number }[]) => found.map(({ id }) => id).sort((a, b) => a - b);
      // `$*` is a rule's own token: nobody asks with it.
      const plain = asked.map((one) => (one === '$*' ? '$z' : one));
      const topic = plain.map((one) => (one === '*' || one === '>' ? 'z' : one));
      expect(idsOf(index.matching(topic))).toEqual(idsOf(rules.filter(({ tokens }) => matches(tokens, topic))));
      const meeting = rules.filter(({ tokens }) => intersect(plain, tokens) !== undefined);
      expect(idsOf(index.meeting(plain))).toEqual(idsOf(meeting));
    }),
    { numRuns: 3_000 },
  );
});

it('a thousand patterns against a thousand rules leave turns to others', async () => {
  const list: unknown = Array.from({ length: 1_000 }, (_, i) => ({ pattern: `*.r${i}.*.>`, publish: 'server' }));
  if (!ruleCheck.is(list)) throw new Error('no rules');
  const rules = new TopicRules(list, { messages: 100, seconds: 86_400 });
  const patterns = Array.from({ length: 100 }, (_, i) => `*.*.x${i}.>`).filter((one) => patternCheck.is(one));
  let turns = 0;
  const turning = setInterval(() => (turns += 1), 1);
  const { answers } = await authorizeTopics(rules, { actor, patterns });
  clearInterval(turning);
  expect(answers).toHaveLength(100);
  // `*.*.…` reaches into what belongs to other users.
  expect(answers.some(({ allowed }) => allowed)).toBe(false);
  expect(turns).toBeGreaterThan(5);
});
