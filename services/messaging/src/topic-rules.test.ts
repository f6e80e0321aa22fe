import { compile, newUserId, Topic, TopicGrants, TopicPattern, type Actor } from '@parley/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intersect, isCovered, matches, tokensOf } from './topic-pattern.js';
import { TopicRuleList, TopicRules, type TopicRule } from './topic-rules.js';

const history = { messages: 100, seconds: 86_400 };
const alice = newUserId();
const bob = newUserId();
const user: Actor = { type: 'user', userId: alice };
const server: Actor = { type: 'server' };
const topicCheck = compile(Topic);
const ruleCheck = compile(TopicRuleList);
const grantsCheck = compile(TopicGrants);
const patternCheck = compile(TopicPattern);

function topic(text: string): Topic {
  if (!topicCheck.is(text)) throw new Error(`no topic: ${text}`);
  return text;
}

function rules(list: unknown[] = []): TopicRules {
  if (!ruleCheck.is(list)) throw new Error(JSON.stringify(ruleCheck.explain(list)));
  return new TopicRules(list, history);
}

function confined(grants: unknown): Actor {
  if (!grantsCheck.is(grants)) throw new Error('no grants');
  return { type: 'user', userId: alice, grants };
}

describe('the rules without configuration', () => {
  it('let anyone use any ordinary topic', () => {
    expect(rules().mayPublish(user, topic('chat.general'))).toBe(true);
    expect(rules().maySubscribe(user, 'chat.general')).toBe(true);
    expect(rules().maySubscribe(user, 'notifications')).toBe(true);
  });

  it.each(['chat.*', 'updates.*', 'presence.*', 'chat.>', 'chat.*.x', '*'])('let a user subscribe to %s', (pattern) => {
    expect(rules().maySubscribe(user, pattern)).toBe(true);
  });

  it.each(['>', '*.x', '*.>', '*.*', 'user.*', 'user.>', 'user.*.>', '*.*.inbox', `*.${bob}.>`])(
    'refuse %s to a user, since it could match what belongs to another',
    (pattern) => {
      expect(rules().maySubscribe(user, pattern)).toBe(false);
      expect(rules().maySubscribe(server, pattern)).toBe(true);
    },
  );

  it('keep notifications and what starts with $ for the server to publish', () => {
    for (const name of ['notifications', '$system', '$system.alerts.disk']) {
      expect(rules().mayPublish(user, topic(name))).toBe(false);
      expect(rules().mayPublish(server, topic(name))).toBe(true);
      expect(rules().maySubscribe(user, name)).toBe(true);
    }
    expect(rules().mayPublish(user, topic('notifications.mine'))).toBe(true);
  });

  it('give the topics under user.<id> to that user and the server', () => {
    for (const action of ['inbox', 'a.b.c']) {
      expect(rules().mayPublish(user, topic(`user.${alice}.${action}`))).toBe(true);
      expect(rules().maySubscribe(user, `user.${alice}.${action}`)).toBe(true);
      expect(rules().mayPublish(user, topic(`user.${bob}.${action}`))).toBe(false);
      expect(rules().maySubscribe(user, `user.${bob}.${action}`)).toBe(false);
      expect(rules().mayPublish(server, topic(`user.${bob}.${action}`))).toBe(true);
    }
    expect(rules().maySubscribe(user, `user.${alice}.>`)).toBe(true);
    expect(rules().maySubscribe(user, `user.${alice}.*`)).toBe(true);
    expect(rules().maySubscribe(user, `user.${bob}.*`)).toBe(false);
  });
});

describe('configured rules', () => {
  it('let the most specific one decide, each statement for itself', () => {
    const configured = rules([
      { pattern: 'news.>', publish: 'server', history: { messages: 5, seconds: 60 } },
      { pattern: 'news.local.*', publish: 'anyone' },
      { pattern: 'news.local.mayor', publish: 'nobody', subscribe: 'server' },
    ]);
    expect(configured.mayPublish(user, topic('news.world'))).toBe(false);
    expect(configured.mayPublish(user, topic('news.local.sports'))).toBe(true);
    expect(configured.mayPublish(server, topic('news.local.mayor'))).toBe(false);
    expect(configured.history('news.local.sports')).toEqual({ messages: 5, seconds: 60 });
    expect(configured.history('other')).toEqual(history);
    expect(configured.maySubscribe(user, 'news.*')).toBe(true);
    expect(configured.maySubscribe(user, 'news.>')).toBe(false);
    expect(configured.maySubscribe(user, 'news.*.mayor')).toBe(false);
  });

  it('can open what is closed by default, but not by a broader pattern', () => {
    expect(rules([{ pattern: '>', subscribe: 'anyone' }]).maySubscribe(user, '>')).toBe(false);
    const open = rules([
      { pattern: 'user.*.>', subscribe: 'anyone' },
      { pattern: 'user.*', subscribe: 'anyone' },
    ]);
    expect(open.maySubscribe(user, '>')).toBe(true);
    expect(open.mayPublish(user, topic(`user.${bob}.x`))).toBe(false);
  });

  it('allow a pattern when narrower permissions together cover it', () => {
    const configured = rules([
      { pattern: 'a.>', subscribe: 'server' },
      { pattern: 'a.*', subscribe: 'anyone' },
      { pattern: 'a.*.>', subscribe: 'anyone' },
    ]);
    expect(configured.maySubscribe(user, 'a.>')).toBe(true);
  });

  it('name the largest history, and the least that a pattern can count on', () => {
    const configured = rules([
      { pattern: 'audit.>', history: { messages: 5_000, seconds: 10 } },
      { pattern: 'audit.noise', history: { messages: 0, seconds: 0 } },
      { pattern: 'slow.*', history: { messages: 1, seconds: 604_800 } },
    ]);
    expect(configured.largestHistory()).toEqual({ messages: 5_000, seconds: 604_800 });
    expect(configured.history('audit.*')).toEqual({ messages: 0, seconds: 0 });
    expect(configured.history('audit.db.*')).toEqual({ messages: 5_000, seconds: 10 });
  });

  it('refuse two rules for one pattern', () => {
    expect(() => rules([{ pattern: 'a.b' }, { pattern: 'a.b', publish: 'server' }])).toThrow('"a.b" is there twice');
  });

  it('forget answers when too many topics were asked about, not the rules', () => {
    const small = new TopicRules([{ ...parsedRule('t1'), publish: 'nobody' }], history, 2);
    for (const name of ['t1', 't2', 't3', 't4', 't1']) expect(small.mayPublish(user, topic(name))).toBe(name !== 't1');
  });
});

describe('grants of a token', () => {
  it('confine further and widen nothing', () => {
    const actor = confined({ publish: ['chat.*', 'notifications'], subscribe: ['chat.>', 'user.>'] });
    expect(rules().mayPublish(actor, topic('chat.general'))).toBe(true);
    expect(rules().mayPublish(actor, topic('chat.general.x'))).toBe(false);
    expect(rules().mayPublish(actor, topic('notifications'))).toBe(false);
    expect(rules().maySubscribe(actor, 'chat.*')).toBe(true);
    expect(rules().maySubscribe(actor, 'chat.>')).toBe(true);
    expect(rules().maySubscribe(actor, '*')).toBe(false);
    expect(rules().maySubscribe(actor, 'user.>')).toBe(false);
    expect(rules().maySubscribe(actor, 'other')).toBe(false);
  });

  it('that are empty allow nothing, and that are absent confine nothing', () => {
    expect(rules().mayPublish(confined({ publish: [] }), topic('chat'))).toBe(false);
    expect(rules().mayPublish(confined({ subscribe: [] }), topic('chat'))).toBe(true);
    expect(rules().maySubscribe(confined({ subscribe: [] }), 'chat')).toBe(false);
  });
});

describe('patterns against brute force', () => {
  // `z` and `$z` are named by no pattern below; lengths beyond three are told apart by none of them.
  const names = ['a', 'b', 'user', alice];
  const firsts = [...names, '$s', 'z', '$z'];
  const rests = [...names, 'z'];
  const universe = firsts.flatMap((first) => [
    [first],
    ...rests.flatMap((second) => [
      [first, second],
      ...rests.flatMap((third) => [[first, second, third], ...rests.map((fourth) => [first, second, third, fourth])]),
    ]),
  ]);

  const token = fc.constantFrom(...names, '*', '*');
  const first = fc.oneof(token, fc.constant('$s'));
  const pattern = fc
    .tuple(first, fc.array(token, { maxLength: 2 }), fc.boolean())
    .map(([head, tail, open]) => (open ? [...[head, ...tail].slice(0, -1), '>'] : [head, ...tail]).join('.'));

  it('agree on containment in a union', () => {
    fc.assert(
      fc.property(pattern, fc.array(pattern, { maxLength: 5 }), (asked, allowed) => {
        const others = allowed.map(tokensOf);
        const brute = universe
          .filter((candidate) => matches(tokensOf(asked), candidate))
          .every((candidate) => others.some((other) => matches(other, candidate)));
        expect(isCovered(tokensOf(asked), others)).toBe(brute);
      }),
      { numRuns: 2_000 },
    );
  });

  it('agree on intersection', () => {
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        const common = intersect(tokensOf(a), tokensOf(b));
        const wrong = universe.filter((candidate) => {
          const both = matches(tokensOf(a), candidate) && matches(tokensOf(b), candidate);
          return both !== (common !== undefined && matches(common, candidate));
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('agree on whether a user may subscribe, with any rules', () => {
    const audience = fc.constantFrom('anyone', 'server', 'nobody', undefined);
    const rule = fc.record({ pattern, subscribe: audience }).map(({ pattern: name, subscribe }) => ({
      pattern: name,
      ...(subscribe === undefined ? {} : { subscribe }),
    }));
    const list = fc.uniqueArray(rule, { selector: (item) => item.pattern, maxLength: 6 });
    fc.assert(
      fc.property(pattern, list, fc.constantFrom(user, server), (asked, configured, actor) => {
        const checked = rules(configured);
        const brute = universe
          .filter((candidate) => matches(tokensOf(asked), candidate))
          .every((candidate) => checked.maySubscribe(actor, candidate.join('.')));
        expect(checked.maySubscribe(actor, asked)).toBe(brute);
      }),
      { numRuns: 1_000 },
    );
  });
});

function parsedRule(pattern: string): TopicRule {
  if (!patternCheck.is(pattern)) throw new Error(`no pattern: ${pattern}`);
  return { pattern };
}
