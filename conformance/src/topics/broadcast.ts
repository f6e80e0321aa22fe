import { anInteger, aTime, aUuid, at } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ScenarioFailure } from '../failure.js';
import { ack, anId, broadcastOf, check, enter, expectNothing, pair, publish, soFar, subscribe } from './steps.js';

/** Written as no serializer would: whoever parses and writes it again is found out. */
const oddPayloads = [
  '{ "n" : 1.0 , "e":1e2,"u":"\\u0041\\/","twice":1,"twice":2 }',
  '[ 1 ,\t2,{"b":1,"a":2,"10":3,"9":4} ]',
  '12345678901234567890.123456789',
  '"\\ud83d\\ude00 😀"',
  'null',
  'false',
  '""',
];

export const broadcast: readonly Scenario[] = [
  {
    rules: ['DN1', 'DN8', 'UP10'],
    title: 'a subscriber on the other gateway gets it with sent_at and message_id',
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const topic = context.topic();
      await subscribe(subscriber, topic);
      const payload = { message: 'Hello everyone!', metadata: { mood: 'happy' } };
      const answer = await publish(publisher, topic, payload);
      check(at(answer.json, 'data.status') === 'delivered', 'the status is not "delivered"', answer);
      await subscriber.client.expect({
        type: 'Broadcast',
        data: { topic, payload, metadata: { sent_at: aTime, message_id: aUuid } },
      });
    },
  },
  {
    rules: ['UP10'],
    title: 'recipients counts the connections on all gateways, the publisher’s own too',
    users: 3,
    needs: ['second-gateway'],
    async run(context) {
      const [one, two, three] = await context.users(3);
      const topic = context.topic();
      const publisher = await enter(context, one);
      const count = async (): Promise<number> => {
        const id = anId();
        publisher.client.send({ type: 'Broadcast', data: { topic, payload: 0 }, id });
        const answer = await publisher.client.eventually(ack(id, { status: 'delivered' }));
        const recipients = at(answer.json, 'data.recipients');
        return typeof recipients === 'number' ? recipients : -1;
      };
      const expectCount = async (wanted: number): Promise<void> => {
        const got = await count();
        if (got !== wanted) throw new ScenarioFailure(`recipients is ${got}, expected ${wanted}`);
      };
      await expectCount(0);
      await subscribe(await enter(context, two, { gateway: 2 }), topic);
      await expectCount(1);
      await subscribe(await enter(context, two, { gateway: 1 }), topic, context.topic('*'));
      await subscribe(await enter(context, three, { gateway: 2 }), context.topic('>'));
      await expectCount(3);
      publisher.client.send({ type: 'Subscribe', data: { topics: [topic] } });
      await publisher.client.eventually({ type: 'Status', data: { status: 'subscribed' } });
      await expectCount(4);
    },
  },
  {
    rules: ['DN2', 'UP10'],
    title: 'overlapping subscriptions deliver once, and count once',
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const topic = context.topic('a.b');
      await subscribe(subscriber, topic, context.topic('a.*'), context.topic('*.b'), context.topic('>'));
      const answer = await publish(publisher, topic, 1);
      check(at(answer.json, 'data.recipients') === 1, 'recipients is not 1', answer);
      await publish(publisher, topic, 2);
      await subscriber.client.expect(broadcastOf(topic, 1));
      await subscriber.client.expect(broadcastOf(topic, 2));
      await expectNothing(subscriber, 'delivered more than once');
    },
  },
  {
    rules: ['DN3'],
    title: 'a publisher who is subscribed gets its own copy',
    async run(context) {
      const member = await enter(context, await context.user());
      const topic = context.topic();
      await subscribe(member, topic);
      const id = anId();
      member.client.send({ type: 'Broadcast', data: { topic, payload: 'mine' }, id });
      const frames = [await member.client.message(), await member.client.message()];
      const types = frames.map((frame) => at(frame.json, 'type')).sort();
      check(types.join() === 'Ack,Broadcast', `got ${types.join(' and ')}, expected a Broadcast and its Ack`);
    },
  },
  {
    rules: ['UP4'],
    title: 'without an id it is delivered and not acknowledged',
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const topic = context.topic();
      await subscribe(subscriber, topic);
      publisher.client.send({ type: 'Broadcast', data: { topic, payload: 'silent' } });
      await subscriber.client.expect(broadcastOf(topic, 'silent'));
      await expectNothing(publisher, 'a Broadcast without an id was answered');
    },
  },
  {
    rules: ['UP11'],
    title: 'later messages do not wait until the receivers of a broadcast are counted',
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const topic = context.topic();
      await subscribe(subscriber, topic);
      // Counting needs a trip to the other gateways, so over some tries a ping behind a broadcast is answered before it.
      let overtaken = 0;
      for (let n = 0; n < 20 && overtaken === 0; n++) {
        const id = anId();
        publisher.client.send({ type: 'Broadcast', data: { topic, payload: n }, id });
        const before = await soFar(publisher);
        if (before.length > 0) continue;
        overtaken += 1;
        await publisher.client.expect(ack(id));
      }
      check(overtaken > 0, 'every ping was answered only after the broadcast before it was counted');
    },
  },
  {
    rules: ['UP12'],
    title: 'payloads reach receivers byte for byte',
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const topic = context.topic();
      await subscribe(subscriber, topic);
      for (const payload of oddPayloads) {
        publisher.client.sendText(`{"type":"Broadcast", "data":{"topic":"${topic}","payload":${payload}}}`);
        const frame = await subscriber.client.expect({ type: 'Broadcast', data: { topic } });
        check(frame.text.includes(`"payload":${payload}`), `the payload ${payload} was changed`, frame);
      }
    },
  },
  {
    rules: ['UP12', 'DN1'],
    title: 'messages of one connection arrive in the order in which they were sent',
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const topic = context.topic();
      await subscribe(subscriber, topic);
      const count = Math.min(100, Math.floor(context.settings.limits.burst / 2));
      for (let n = 0; n < count; n++) publisher.client.send({ type: 'Broadcast', data: { topic, payload: n } });
      for (let n = 0; n < count; n++) await subscriber.client.expect(broadcastOf(topic, n));
    },
  },
  {
    rules: ['UP18', 'DN1'],
    title: "the publisher's metadata is passed on, under the server's own fields",
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const topic = context.topic();
      await subscribe(subscriber, topic);
      const metadata = {
        priority: 'high',
        ttl: 3600,
        encryption: 'aes256',
        compression: 'gzip',
        own: { deep: [1, null] },
      };
      const forged = { sent_at: 1, message_id: 'forged', sequence: -1 };
      publisher.client.send({ type: 'Broadcast', data: { topic, payload: 1 }, metadata: { ...metadata, ...forged } });
      const frame = await subscriber.client.expect({
        type: 'Broadcast',
        data: { metadata: { ...metadata, sent_at: aTime, message_id: aUuid } },
      });
      check(at(frame.json, 'data.metadata.sequence') !== -1, "the server's sequence was forged", frame);
    },
  },
  {
    rules: ['DN1', 'RC2'],
    title: 'sequences rise with every message of a topic',
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const topic = context.topic();
      await subscribe(subscriber, topic);
      let last = -1;
      for (let n = 0; n < 3; n++) {
        await publish(publisher, topic, n);
        const frame = await subscriber.client.expect({
          type: 'Broadcast',
          data: { metadata: { sequence: anInteger } },
        });
        const sequence = Number(at(frame.json, 'data.metadata.sequence'));
        check(sequence > last, `sequence ${sequence} after ${last}`, frame);
        last = sequence;
      }
    },
  },
];
