import { at } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ack, anId, ask, broadcastOf, check, enter, error, expectNothing, pair, publish, subscribe } from './steps.js';

export const idempotency: readonly Scenario[] = [
  {
    rules: ['UP19'],
    title: 'a Broadcast sent again, also on another gateway, is delivered once and gets the same answer',
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const topic = context.topic();
      await subscribe(subscriber, topic);
      const message = { type: 'Broadcast', data: { topic, payload: 'once' }, id: anId() };
      const first = await ask(publisher, message, ack(message.id));
      const again = await ask(publisher, message, ack(message.id));
      const elsewhere = await enter(context, publisher.user, { gateway: 2 });
      const third = await ask(elsewhere, message, ack(message.id));
      check(again.text === first.text, `the second answer differs from the first, ${first.text}`, again);
      check(third.text === first.text, `the answer elsewhere differs from the first, ${first.text}`, third);
      await publish(publisher, topic, 'next');
      await subscriber.client.expect(broadcastOf(topic, 'once'));
      await subscriber.client.expect(broadcastOf(topic, 'next'));
      await expectNothing(subscriber, 'delivered more than once');
    },
  },
  {
    rules: ['UP19'],
    title: 'copies that are sent without waiting for the answer get the same one',
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const topic = context.topic();
      await subscribe(subscriber, topic);
      const message = { type: 'Broadcast', data: { topic, payload: 'once' }, id: anId() };
      for (let n = 0; n < 3; n++) publisher.client.send(message);
      for (let n = 0; n < 3; n++)
        await publisher.client.expect(ack(message.id, { status: 'delivered', recipients: 1 }));
      await publish(publisher, topic, 'next');
      await subscriber.client.expect(broadcastOf(topic, 'once'));
      await subscriber.client.expect(broadcastOf(topic, 'next'));
    },
  },
  {
    rules: ['UP19'],
    title: 'a DirectMessage sent again is delivered once and gets the same answer',
    users: 2,
    async run(context) {
      const [sender, receiver] = await pair(context);
      const id = anId();
      const message = { type: 'DirectMessage', data: { target_user: receiver.user.id, payload: 'once' }, id };
      const first = await ask(sender, message, ack(id));
      const elsewhere = await enter(context, sender.user, { gateway: 2 });
      for (const member of [sender, elsewhere]) {
        const again = await ask(member, message, ack(id));
        check(again.text === first.text, `differs from the first answer, ${first.text}`, again);
      }
      await receiver.client.expect({ type: 'DirectMessage', data: { payload: 'once' } });
      await expectNothing(receiver, 'delivered more than once');
    },
  },
  {
    rules: ['UP19', 'UP14'],
    title: 'a DirectMessage that waits, sent again, waits once',
    users: 2,
    needs: ['rest'],
    async run(context) {
      const sender = await enter(context, await context.user());
      const to = await context.user({ fresh: true });
      const id = anId();
      const message = { type: 'DirectMessage', data: { target_user: to.id, payload: 'once' }, id };
      for (let n = 0; n < 2; n++) await ask(sender, message, error(404, { message_id: id, queued: true }));
      const receiver = await enter(context, to, { gateway: 2 });
      await receiver.client.expect({ type: 'DirectMessage', data: { payload: 'once' } });
      await expectNothing(receiver, 'delivered more than once');
    },
  },
  {
    rules: ['UP20'],
    title: 'an id used again with another payload, topic or type is another message',
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const [topic, other] = [context.topic('a'), context.topic('b')];
      await subscribe(subscriber, topic, other);
      const id = anId();
      const bodies = [
        [topic, 1],
        [topic, 2],
        [other, 1],
      ] as const;
      for (const [where, payload] of bodies) {
        await ask(publisher, { type: 'Broadcast', data: { topic: where, payload }, id }, ack(id, { recipients: 1 }));
        await subscriber.client.expect(broadcastOf(where, payload));
      }
      const direct = { type: 'DirectMessage', data: { target_user: subscriber.user.id, payload: 1 }, id };
      const answer = await ask(publisher, direct, ack(id));
      check(Array.isArray(at(answer.json, 'data.delivered_to')), 'answered as the Broadcast of the same id', answer);
      await subscriber.client.expect({ type: 'DirectMessage', data: { payload: 1 } });
    },
  },
  {
    rules: ['UP20', 'UP19'],
    title: 'the same id of another user is another message',
    users: 2,
    async run(context) {
      const [one, two] = await pair(context);
      const topic = context.topic();
      const message = { type: 'Broadcast', data: { topic, payload: 'same' }, id: anId() };
      await subscribe(two, topic);
      await ask(one, message, ack(message.id));
      await two.client.expect(broadcastOf(topic, 'same'));
      two.client.send(message);
      const types = [await two.client.message(), await two.client.message()].map((one) => at(one.json, 'type'));
      check(types.sort().join() === 'Ack,Broadcast', `got ${types.join(' and ')}`);
    },
  },
];
