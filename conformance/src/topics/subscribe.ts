import type { Scenario } from '../scenario.js';
import { ack, anId, ask, broadcastOf, enter, error, expectNothing, pair, publish, subscribe as join } from './steps.js';

const status = (name: string, topics: readonly string[], count: number) => ({
  type: 'Status',
  data: { status: name, details: { topics, active_subscriptions: count } },
});

const LONGEST = Array<string>(16).fill('t').join('.');
const good = ['a', 'A-b_9', 'x.y.z', 'x.*', 'b.*.*.c', 'x.y.>', LONGEST, 'a'.repeat(256)];
const bad = [
  '',
  '.',
  'a.',
  '.a',
  'a..b',
  'a b',
  'a/b',
  'ä',
  'a.>.b',
  '>.a',
  'a*',
  'a.b*',
  `${LONGEST}.t`,
  'a'.repeat(257),
];

/** Pattern, topics that it means, topics that it does not mean; all below a topic of the scenario's own. */
const meanings = [
  ['x', ['x'], ['y', 'x.y']],
  ['*', ['x', 'y'], ['x.y']],
  ['x.*', ['x.y'], ['x', 'x.y.z', 'y.x']],
  ['*.y', ['x.y', 'z.y'], ['y', 'x.z']],
  ['>', ['x', 'x.y', 'x.y.z'], []],
  ['x.>', ['x.y', 'x.y.z'], ['x', 'y.x']],
] as const;

export const subscribe: readonly Scenario[] = [
  {
    rules: ['UP6', 'UP9'],
    title: 'Subscribe and Unsubscribe answer with the topics and how many subscriptions there are',
    async run(context) {
      const member = await enter(context, await context.user());
      const [a, b, c] = [context.topic('a'), context.topic('b'), context.topic('c.*')];
      await ask(member, { type: 'Subscribe', data: { topics: [a, b] } }, status('subscribed', [a, b], 2));
      await ask(member, { type: 'Subscribe', data: { topics: [c] } }, status('subscribed', [c], 3));
      await ask(member, { type: 'Subscribe', data: { topics: [a, c] } }, status('subscribed', [a, c], 3));
      await ask(member, { type: 'Unsubscribe', data: { topics: [b] } }, status('unsubscribed', [b], 2));
      await ask(member, { type: 'Unsubscribe', data: { topics: [b] } }, status('unsubscribed', [b], 2));
      await ask(member, { type: 'Unsubscribe', data: { topics: [a, c] } }, status('unsubscribed', [a, c], 0));
    },
  },
  {
    rules: ['UP2', 'UP3', 'UP6', 'UP9'],
    title: 'with an id, the Status comes first and the Ack after it',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const [type, said] of [
        ['Subscribe', 'subscribed'],
        ['Unsubscribe', 'unsubscribed'],
      ] as const) {
        const id = anId();
        await ask(
          member,
          { type, data: { topics: [context.topic()] }, id },
          { type: 'Status', data: { status: said } },
        );
        await member.client.expect(ack(id));
      }
    },
  },
  {
    rules: ['UP4'],
    title: 'without an id there is no Ack',
    async run(context) {
      const member = await enter(context, await context.user());
      await join(member, context.topic());
      await expectNothing(member, 'a Subscribe without an id was answered twice');
    },
  },
  {
    rules: ['UP7'],
    title: 'every topic and pattern that fits the grammar is taken',
    async run(context) {
      const member = await enter(context, await context.user());
      await ask(member, { type: 'Subscribe', data: { topics: good } }, status('subscribed', good, good.length));
    },
  },
  {
    rules: ['UP7', 'ER2'],
    title: 'what does not fit the grammar answers Error 400 with its path, and subscribes nothing',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const topic of bad) {
        const id = anId();
        const message = { type: 'Subscribe', data: { topics: [context.topic(), topic] }, id };
        await ask(member, message, error(400, { field: 'data.topics.1', message_id: id }));
      }
      const topic = context.topic();
      await ask(member, { type: 'Subscribe', data: { topics: [topic] } }, status('subscribed', [topic], 1));
    },
  },
  {
    rules: ['UP7'],
    title: 'Broadcast takes no patterns',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const topic of ['a.*', '>', 'a.>', '*']) {
        await ask(member, { type: 'Broadcast', data: { topic, payload: 1 } }, error(400, { field: 'data.topic' }));
      }
    },
  },
  ...meanings.map(([pattern, means, others]): Scenario => ({
    rules: ['UP7', 'DN1'],
    title: `${pattern} means ${means.join(', ')}${others.length === 0 ? '' : ` and not ${others.join(', ')}`}`,
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const below = (name: string): string => `${context.topic()}.${name}`;
      await join(subscriber, below(pattern));
      for (const name of [...others, ...means]) await publish(publisher, below(name), name);
      for (const name of means) await subscriber.client.expect(broadcastOf(below(name), name));
      await expectNothing(subscriber, `${pattern} delivered what it does not mean`);
    },
  })),
  {
    rules: ['UP9'],
    title: 'after Unsubscribe nothing more of the topic comes, while other subscriptions go on',
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const [left, kept] = [context.topic('left'), context.topic('kept')];
      await join(subscriber, left, kept);
      await publish(publisher, left, 1);
      await subscriber.client.expect(broadcastOf(left, 1));
      const message = { type: 'Unsubscribe', data: { topics: [left] } };
      await ask(subscriber, message, status('unsubscribed', [left], 1));
      await publish(publisher, left, 2);
      await publish(publisher, kept, 3);
      await subscriber.client.expect(broadcastOf(kept, 3));
    },
  },
  {
    rules: ['UP9'],
    title: 'Unsubscribe from one of two overlapping patterns leaves the other',
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const [topic, pattern] = [context.topic('x'), context.topic('*')];
      await join(subscriber, topic, pattern);
      await ask(subscriber, { type: 'Unsubscribe', data: { topics: [topic] } }, status('unsubscribed', [topic], 1));
      await publish(publisher, topic, 1);
      await subscriber.client.expect(broadcastOf(topic, 1));
      await expectNothing(subscriber, 'delivered more than once');
    },
  },
];
