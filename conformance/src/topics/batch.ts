import type { Scenario } from '../scenario.js';
import { ack, anId, ask, broadcastOf, enter, error, pair, subscribe } from './steps.js';

const ping = (timestamp: number) => ({ type: 'Ping', data: { timestamp } });
const pong = (timestamp: number) => ({ type: 'Pong', data: { timestamp } });

export const batch: readonly Scenario[] = [
  {
    rules: ['UP24'],
    title: 'items are handled in order as if they came alone, each with its own answer, then the Ack of the batch',
    users: 2,
    async run(context) {
      const [publisher, subscriber] = await pair(context);
      const topic = context.topic();
      await subscribe(subscriber, topic);
      const [id, inner] = [anId(), anId()];
      const messages = [
        ping(1),
        { type: 'Subscribe', data: { topics: [context.topic('other')] }, id: inner },
        { type: 'Broadcast', data: { topic, payload: 'first' } },
        { type: 'Broadcast', data: { topic, payload: 'second' } },
        { type: 'Unsubscribe', data: { topics: [context.topic('other')] } },
        ping(2),
      ];
      publisher.client.send({ type: 'Batch', data: { messages }, id });
      await publisher.client.expect(pong(1));
      await publisher.client.expect({ type: 'Status', data: { status: 'subscribed' } });
      await publisher.client.expect(ack(inner));
      await publisher.client.expect({
        type: 'Status',
        data: { status: 'unsubscribed', details: { active_subscriptions: 0 } },
      });
      await publisher.client.expect(pong(2));
      await publisher.client.expect(ack(id));
      await subscriber.client.expect(broadcastOf(topic, 'first'));
      await subscriber.client.expect(broadcastOf(topic, 'second'));
    },
  },
  {
    rules: ['UP24', 'UP25'],
    title: 'a bad item answers an Error that names its field from the batch on; the others are handled',
    async run(context) {
      const member = await enter(context, await context.user());
      const [id, inner] = [anId(), anId()];
      const messages = [
        ping(1),
        'no object',
        { type: 'Broadcast', data: { topic: 'a.*', payload: 1 }, id: inner },
        { type: 'Unheard', data: {} },
        ping(2),
      ];
      member.client.send({ type: 'Batch', data: { messages }, id });
      await member.client.expect(pong(1));
      await member.client.expect(error(400, { field: 'data.messages.1' }));
      await member.client.expect(error(400, { field: 'data.messages.2.data.topic', message_id: inner }));
      await member.client.expect(error(400, { field: 'data.messages.3.type' }));
      await member.client.expect(pong(2));
      await member.client.expect(ack(id));
    },
  },
  {
    rules: ['UP24', 'UP25'],
    title: 'a batch inside a batch is refused',
    async run(context) {
      const member = await enter(context, await context.user());
      const inner = { type: 'Batch', data: { messages: [ping(1)] }, id: 'inner' };
      member.client.send({ type: 'Batch', data: { messages: [inner, ping(2)] } });
      await member.client.expect(error(400, { field: 'data.messages.0.type', message_id: 'inner' }));
      await member.client.expect(pong(2));
    },
  },
  {
    rules: ['UP24', 'ER2'],
    title: 'a batch has 1 to 100 messages',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const messages of [[], Array<object>(101).fill(ping(1)), 'none']) {
        const id = anId();
        await ask(
          member,
          { type: 'Batch', data: { messages }, id },
          error(400, { field: 'data.messages', message_id: id }),
        );
      }
      const most = Math.min(100, context.settings.limits.burst - 10);
      member.client.send({ type: 'Batch', data: { messages: Array<object>(most).fill(ping(3)) }, id: 'full' });
      for (let n = 0; n < most; n++) await member.client.expect(pong(3));
      await member.client.expect(ack('full'));
    },
  },
];
