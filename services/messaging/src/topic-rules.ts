import { HistoryRule, TopicPattern, type Actor, type Topic } from '@parley/contracts';
import { Type, type Static } from '@sinclair/typebox';
import { RuleIndex } from './rule-index.js';
import {
  bySpecificity,
  intersect,
  isConcrete,
  isCovered,
  longestOf,
  representatives,
  tokensOf,
  type PatternTokens,
} from './topic-pattern.js';

/** `server`: only the server API. `nobody`: not even that. */
const Audience = Type.Union([Type.Literal('anyone'), Type.Literal('server'), Type.Literal('nobody')]);

/**
 * What an operator says about the topics of a pattern. Each of the three is decided by the most specific rule that
 * matches the topic and states it, so a rule about history leaves permissions as they are.
 */
export const TopicRule = Type.Object(
  {
    pattern: TopicPattern,
    publish: Type.Optional(Audience),
    subscribe: Type.Optional(Audience),
    history: Type.Optional(HistoryRule),
  },
  { additionalProperties: false },
);
export type TopicRule = Static<typeof TopicRule>;

export const TopicRuleList = Type.Array(TopicRule, { maxItems: 1_000 });

type Action = 'publish' | 'subscribe';

/** Beside an operator's words: `owner` is the user whose id is the topic's second token. */
type AudienceOrOwner = Static<typeof Audience> | 'owner';

interface Rule {
  readonly tokens: PatternTokens;
  readonly publish?: AudienceOrOwner;
  readonly subscribe?: AudienceOrOwner;
  readonly history?: HistoryRule;
}

/** Of two rules that match, the one with the smaller rank says more. */
interface RankedRule extends Rule {
  readonly rank: number;
}

/** What holds for one topic. */
interface Verdict {
  readonly publish: AudienceOrOwner;
  readonly subscribe: AudienceOrOwner;
  readonly history: HistoryRule;
  readonly owner: string | undefined;
}

const SPECIFIC_FIRST = (a: Rule, b: Rule): number => bySpecificity(a.tokens, b.tokens);

/** Anyone may use any topic, but for the server's own and those of one user. An operator's rule on the same pattern wins. */
function builtInRules(history: HistoryRule): readonly Rule[] {
  return [
    { tokens: ['>'], publish: 'anyone', subscribe: 'anyone', history },
    { tokens: ['notifications'], publish: 'server' },
    { tokens: ['$*'], publish: 'server' },
    { tokens: ['$*', '>'], publish: 'server' },
    { tokens: ['user', '*'], publish: 'owner', subscribe: 'owner' },
    { tokens: ['user', '*', '>'], publish: 'owner', subscribe: 'owner' },
  ];
}

/** Who may use which topic, and how far back it can be read. */
export class TopicRules {
  readonly #rules: readonly RankedRule[];
  readonly #index: RuleIndex<RankedRule>;
  readonly #longest: number;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #fallback: Verdict;

  /** Throws when two rules have the same pattern. `defaultHistory` is for topics of which no rule states any. */
  constructor(
    rules: readonly TopicRule[],
    readonly defaultHistory: HistoryRule,
    readonly cacheSize = 10_000,
  ) {
    const twice = rules.find((rule, i) => rules.findIndex((other) => other.pattern === rule.pattern) !== i);
    if (twice !== undefined) throw new Error(`topic rules: "${twice.pattern}" is there twice`);
    const own = rules.map(({ pattern, ...rest }) => ({ ...rest, tokens: tokensOf(pattern) }));
    // The sort is stable: among equals, the operator's rule comes before the built-in one.
    this.#rules = [...own, ...builtInRules(defaultHistory)]
      .toSorted(SPECIFIC_FIRST)
      .map((rule, rank) => ({ ...rule, rank }));
    this.#index = new RuleIndex(this.#rules);
    this.#longest = longestOf(this.#rules.map((rule) => rule.tokens));
    this.#fallback = { publish: 'anyone', subscribe: 'anyone', history: defaultHistory, owner: undefined };
  }

  mayPublish(actor: Actor, topic: Topic): boolean {
    if (actor.type === 'user' && !isGranted(actor.grants?.publish, topic)) return false;
    return admits(this.#verdict(topic), 'publish', actor);
  }

  /** A pattern is allowed only when each topic that it could match is. */
  maySubscribe(actor: Actor, pattern: string): boolean {
    return this.readable(actor, pattern) !== undefined;
  }

  /** How far back the actor may read: of a pattern, what every topic that it matches has at least. Undefined: not at all. */
  readable(actor: Actor, pattern: string): HistoryRule | undefined {
    if (actor.type === 'user' && !isGranted(actor.grants?.subscribe, pattern)) return undefined;
    const verdicts = this.#verdictsOf(pattern);
    return verdicts.every((verdict) => admits(verdict, 'subscribe', actor)) ? leastOf(verdicts) : undefined;
  }

  /** Of a pattern: what every topic that it matches has at least. */
  history(pattern: string): HistoryRule {
    return leastOf(this.#verdictsOf(pattern));
  }

  #verdictsOf(pattern: string): readonly Verdict[] {
    return isConcrete(pattern) ? [this.#verdict(pattern)] : this.#cornerCases(tokensOf(pattern));
  }

  /** What the stream has to keep, so that every rule can be served from it. */
  largestHistory(): HistoryRule {
    const all = this.#rules.flatMap((rule) => (rule.history === undefined ? [] : [rule.history]));
    return {
      messages: Math.max(1, ...all.map((rule) => rule.messages)),
      seconds: Math.max(1, ...all.map((rule) => rule.seconds)),
    };
  }

  /** Publishing asks this for every message, so answers are kept; a full cache starts over. */
  #verdict(topic: string): Verdict {
    const known = this.#verdicts.get(topic);
    if (known !== undefined) return known;
    const verdict = this.#decide(tokensOf(topic));
    if (this.#verdicts.size >= this.cacheSize) this.#verdicts.clear();
    this.#verdicts.set(topic, verdict);
    return verdict;
  }

  #decide(topic: PatternTokens): Verdict {
    let { publish, subscribe, history }: Partial<Verdict> = {};
    for (const rule of this.#index.matching(topic).sort((a, b) => a.rank - b.rank)) {
      publish ??= rule.publish;
      subscribe ??= rule.subscribe;
      history ??= rule.history;
    }
    return {
      publish: publish ?? this.#fallback.publish,
      subscribe: subscribe ?? this.#fallback.subscribe,
      history: history ?? this.#fallback.history,
      owner: topic[0] === 'user' ? topic[1] : undefined,
    };
  }

  /**
   * Verdicts for topics that stand for all of the pattern's: where it meets a rule, the topic there that the fewest other
   * rules match. Whichever rule decides on any topic of the pattern also decides on one of these.
   */
  #cornerCases(pattern: PatternTokens): readonly Verdict[] {
    return this.#index
      .meeting(pattern)
      .map((rule) => intersect(pattern, rule.tokens))
      .filter((common) => common !== undefined)
      .flatMap((common) => representatives(common, this.#longest))
      .map((topic) => this.#decide(topic));
  }
}

function leastOf(verdicts: readonly Verdict[]): HistoryRule {
  const least = { messages: Number.POSITIVE_INFINITY, seconds: Number.POSITIVE_INFINITY };
  for (const { history } of verdicts) {
    least.messages = Math.min(least.messages, history.messages);
    least.seconds = Math.min(least.seconds, history.seconds);
  }
  return least;
}

function admits(verdict: Verdict, action: Action, actor: Actor): boolean {
  const audience = verdict[action];
  switch (audience) {
    case 'anyone':
      return true;
    case 'server':
      return actor.type === 'server';
    case 'owner':
      return actor.type === 'server' || verdict.owner === actor.userId;
    case 'nobody':
      return false;
  }
}

/** An absent list confines nothing. */
function isGranted(grants: readonly string[] | undefined, pattern: string): boolean {
  if (grants === undefined || grants.includes(pattern)) return true;
  return isCovered(tokensOf(pattern), grants.map(tokensOf));
}
