import { anInteger, aTime, aUuid, at, isRecord } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  ack,
  anId,
  ask,
  broadcastOf,
  check,
  enter,
  error,
  expectNothing,
  numberAt,
  pair,
  publish,
  subscribe,
} from './steps.js';
import type { Member } from './steps.js';

const MAX_PAGE = 100;

export const history: readonly Scenario[] = [
  {
    rules: ['UP23', 'UP3'],
    title: 'History answers pages, newest last, then the Ack',
    users: 2,
    async run(context) {
      const [publisher, reader] = await pair(context);
      const topic = context.topic();
      for (let n = 0; n < 5; n++) await publish(publisher, topic, { n });
      const id = anId();
      const kept = (n: number) => ({
        payload: { n },
        metadata: { sent_at: aTime, message_id: aUuid, sequence: anInteger },
      });
      const page = await ask(
        reader,
        { type: 'History', data: { topic, limit: 2 }, id },
        { type: 'History', data: { topic, messages: [kept(3), kept(4)], more: true } },
      );
      await reader.client.expect(ack(id));
      const before = numberAt(page, 'data.messages.0.metadata.sequence');
      await ask(
        reader,
        { type: 'History', data: { topic, before, limit: 50 } },
        { type: 'History', data: { topic, messages: [kept(0), kept(1), kept(2)], more: false } },
      );
      await ask(
        reader,
        { type: 'History', data: { topic: context.topic('silent') } },
        { type: 'History', data: { messages: [], more: false } },
      );
    },
  },
  {
    rules: ['UP23', 'ER2'],
    title: 'a limit beyond 1 to 100, or a pattern, answers Error 400',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const [data, field] of [
        [{ topic: 'a', limit: 0 }, 'data.limit'],
        [{ topic: 'a', limit: 101 }, 'data.limit'],
        [{ topic: 'a', limit: 1.5 }, 'data.limit'],
        [{ topic: 'a', before: -1 }, 'data.before'],
        [{ topic: 'a.*' }, 'data.topic'],
      ] as const) {
        await ask(member, { type: 'History', data }, error(400, { field }));
      }
    },
  },
  {
    rules: ['UP23'],
    title: 'a topic keeps its last messages and no more',
    users: 2,
    async run(context) {
      const [publisher, reader] = await pair(context);
      const topic = context.topic();
      const kept = context.settings.limits.history;
      await publishMany(publisher, topic, kept + 3);
      const answer = { type: 'History', data: { topic } };
      const page = await ask(reader, { type: 'History', data: { topic, limit: Math.min(kept, MAX_PAGE) } }, answer);
      check(at(page.json, 'data.messages.0.payload') === kept + 3 - Math.min(kept, MAX_PAGE), 'not the newest', page);
      if (kept <= MAX_PAGE) {
        check(at(page.json, 'data.more') === false, 'more is kept than there should be', page);
      }
    },
  },
  {
    rules: ['RC1', 'RC2', 'DN1'],
    title: 'recover delivers what was missed on the other gateway, in order, after the Status and before what is live',
    users: 2,
    async run(context) {
      const [publisher, before] = await pair(context);
      const topic = context.topic();
      await subscribe(before, topic);
      await publish(publisher, topic, 0);
      const seen = await before.client.expect(broadcastOf(topic, 0));
      before.client.drop();
      for (let n = 1; n <= 20; n++) await publish(publisher, topic, n);
      const after = await enter(context, before.user);
      const last = numberAt(seen, 'data.metadata.sequence');
      const status = await recover(after, topic, last, { recovered: true, messages: 20, sequence: anInteger });
      for (let n = 1; n < 20; n++) await after.client.expect(broadcastOf(topic, n));
      const newest = await after.client.expect(broadcastOf(topic, 20));
      check(numberAt(status, 'data.details.active_subscriptions') === 1, 'active_subscriptions is not 1', status);
      check(
        sequenceSaid(status.json) >= numberAt(newest, 'data.metadata.sequence'),
        'sequence is behind the newest',
        status,
      );
      await publish(publisher, topic, 21);
      await after.client.expect(broadcastOf(topic, 21));
    },
  },
  {
    rules: ['RC1'],
    title: 'recovered while somebody publishes: no gap, no repeat, in order',
    users: 2,
    async run(context) {
      const [publisher, first] = await pair(context);
      const topic = context.topic();
      await subscribe(first, topic);
      await publish(publisher, topic, 0);
      const start = numberAt(await first.client.expect(broadcastOf(topic, 0)), 'data.metadata.sequence');
      const count = 60;
      const later = await enter(context, first.user, { gateway: 2 });
      for (let n = 1; n <= count; n++) {
        publisher.client.send({ type: 'Broadcast', data: { topic, payload: n } });
        // Somewhere in the middle, while what follows is on its way.
        if (n === count / 2) later.client.send(subscribeFrom(topic, start));
      }
      await later.client.expect({ type: 'Status', data: { details: { recovered: { [topic]: { recovered: true } } } } });
      for (let n = 1; n <= count; n++) await later.client.expect(broadcastOf(topic, n));
      await expectNothing(later, 'something came twice');
    },
  },
  {
    rules: ['RC1', 'RC2'],
    title: 'a pattern is recovered too, and nothing missed is zero messages',
    users: 2,
    async run(context) {
      const [publisher, first] = await pair(context);
      const [pattern, one, two] = [context.topic('*'), context.topic('one'), context.topic('two')];
      await subscribe(first, pattern);
      await publish(publisher, one, 1);
      const start = numberAt(await first.client.expect(broadcastOf(one, 1)), 'data.metadata.sequence');
      await publish(publisher, two, 2);
      await publish(publisher, one, 3);
      const after = await enter(context, first.user);
      const status = await recover(after, pattern, start, { recovered: true, messages: 2, sequence: anInteger });
      await after.client.expect(broadcastOf(two, 2));
      await after.client.expect(broadcastOf(one, 3));
      const again = await enter(context, first.user, { gateway: 2 });
      await recover(again, pattern, sequenceSaid(status.json), { recovered: true, messages: 0, sequence: anInteger });
      await expectNothing(again, 'something came though nothing was missed');
    },
  },
  {
    rules: ['RC3', 'RC2'],
    title: 'more missed than is kept: recovered is false and nothing is replayed',
    users: 2,
    async run(context) {
      const [publisher, first] = await pair(context);
      const topic = context.topic();
      await subscribe(first, topic);
      await publish(publisher, topic, -1);
      const start = numberAt(await first.client.expect(broadcastOf(topic, -1)), 'data.metadata.sequence');
      first.client.drop();
      await publishMany(publisher, topic, context.settings.limits.history + 2);
      const after = await enter(context, first.user);
      await recover(after, topic, start, { recovered: false, messages: 0, sequence: anInteger });
      await publish(publisher, topic, 'live');
      await after.client.expect(broadcastOf(topic, 'live'));
    },
  },
  {
    rules: ['RC4', 'ER2'],
    title: 'recover of what is not among the topics answers Error 400, and subscribes nothing',
    async run(context) {
      const member = await enter(context, await context.user());
      const [topic, other] = [context.topic('a'), 'other'];
      const id = anId();
      await ask(
        member,
        { type: 'Subscribe', data: { topics: [topic], recover: { [other]: 1 } }, id },
        error(400, { field: `data.recover.${other}`, message_id: id }),
      );
      await ask(
        member,
        { type: 'Subscribe', data: { topics: [topic] } },
        { type: 'Status', data: { details: { active_subscriptions: 1 } } },
      );
    },
  },
  {
    rules: ['RC5'],
    title: 'recover of a subscription that is held begins it anew from there',
    users: 2,
    async run(context) {
      const [publisher, member] = await pair(context);
      const topic = context.topic();
      await subscribe(member, topic);
      await publish(publisher, topic, 1);
      const start = numberAt(await member.client.expect(broadcastOf(topic, 1)), 'data.metadata.sequence');
      await publish(publisher, topic, 2);
      await member.client.expect(broadcastOf(topic, 2));
      await recover(member, topic, start, { recovered: true, messages: 1, sequence: anInteger });
      await member.client.expect(broadcastOf(topic, 2));
      await publish(publisher, topic, 3);
      await member.client.expect(broadcastOf(topic, 3));
      await expectNothing(member, 'delivered more than once');
    },
  },
];

function subscribeFrom(topic: string, sequence: number): object {
  return { type: 'Subscribe', data: { topics: [topic], recover: { [topic]: sequence } } };
}

function recover(member: Member, topic: string, sequence: number, recovered: Parameters<typeof ask>[2]) {
  const details = { topics: [topic], recovered: { [topic]: recovered } };
  return ask(member, subscribeFrom(topic, sequence), { type: 'Status', data: { status: 'subscribed', details } });
}

/** Of the only topic that was recovered; topics have dots, so a path cannot name it. */
function sequenceSaid(status: unknown): number {
  const recovered = at(status, 'data.details.recovered');
  const [topic = ''] = isRecord(recovered) ? Object.keys(recovered) : [];
  return Number(isRecord(recovered) ? at(recovered[topic], 'sequence') : undefined);
}

/** The numbers from 0 on, one after the other: each is stored before the next is sent. */
async function publishMany(member: Member, topic: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await publish(member, topic, n);
}
