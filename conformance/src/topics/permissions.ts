import { at } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ack, anId, ask, broadcastOf, check, enter, error, pair, publish, subscribe } from './steps.js';

export const permissions: readonly Scenario[] = [
  {
    rules: ['ER1', 'UP8'],
    title: 'notifications and what begins with $ is published only by the server; anyone may listen',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const topic of ['notifications', '$system', '$system.news']) {
        const id = anId();
        await ask(member, { type: 'Broadcast', data: { topic, payload: 1 }, id }, error(403, { message_id: id }));
        await ask(member, { type: 'Broadcast', data: { topic, payload: 1 } }, error(403));
        await subscribe(member, topic);
      }
    },
  },
  {
    rules: ['UP8', 'DN1'],
    title: 'the server API publishes there',
    needs: ['api-key'],
    async run(context) {
      const member = await enter(context, await context.user(), { gateway: 2 });
      const topic = `$conformance.${anId()}`;
      await subscribe(member, topic);
      const payload = { from: 'the server' };
      const answer = await context.rest.asServer('POST', `/topics/${topic}/messages`, 201, { payload });
      const frame = await member.client.expect(broadcastOf(topic, payload));
      const same = at(answer, 'message_id') === at(frame.json, 'data.metadata.message_id');
      check(same && at(answer, 'recipients') === 1, `REST answered ${JSON.stringify(answer)}`, frame);
    },
  },
  {
    rules: ['UP8'],
    title: 'user.<id>.> belongs to that user, for publishing, listening and reading back',
    users: 2,
    async run(context) {
      const [owner, stranger] = await pair(context);
      const topic = `user.${owner.user.id}.${anId()}`;
      await subscribe(owner, topic, `user.${owner.user.id}.>`);
      for (const wanted of [topic, `user.${owner.user.id}.>`, 'user.*.x', 'user.>', '*.*.x']) {
        const id = anId();
        const message = { type: 'Subscribe', data: { topics: [context.topic(), wanted] }, id };
        await ask(stranger, message, error(403, { topics: [wanted], message_id: id }));
      }
      const id = anId();
      await ask(stranger, { type: 'Broadcast', data: { topic, payload: 1 }, id }, error(403, { message_id: id }));
      await ask(stranger, { type: 'History', data: { topic } }, error(403));
      owner.client.send({ type: 'Broadcast', data: { topic, payload: 'mine' } });
      await owner.client.expect(broadcastOf(topic, 'mine'));
    },
  },
  {
    rules: ['UP8', 'UP6'],
    title: 'one topic refused, and nothing of the message is subscribed',
    users: 2,
    async run(context) {
      const [other, member] = await pair(context);
      const topic = context.topic();
      const topics = [topic, `user.${other.user.id}.a`, context.topic('b'), `user.${other.user.id}.b`];
      await ask(
        member,
        { type: 'Subscribe', data: { topics } },
        error(403, { topics: [`user.${other.user.id}.a`, `user.${other.user.id}.b`] }),
      );
      await publish(other, topic, 'unheard');
      await ask(
        member,
        { type: 'Subscribe', data: { topics: [topic] } },
        { type: 'Status', data: { details: { active_subscriptions: 1 } } },
      );
    },
  },
  {
    rules: ['UP8', 'HS2'],
    title: 'a token confines its bearer to patterns',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const [mine, heard] = [context.topic('mine'), context.topic('heard')];
      const narrow = await context.logIn(user, { publish: [`${mine}.>`], subscribe: [heard, `${heard}.*`] });
      const member = await enter(context, narrow);
      const free = await enter(context, user, { gateway: 2 });
      await subscribe(member, heard, `${heard}.x`, `${heard}.*`);
      for (const topic of [mine, `${heard}.>`, '*', '>']) {
        await ask(member, { type: 'Subscribe', data: { topics: [topic] } }, error(403, { topics: [topic] }));
      }
      await subscribe(free, `${mine}.a`);
      const id = anId();
      await ask(
        member,
        { type: 'Broadcast', data: { topic: `${mine}.a`, payload: 1 }, id },
        ack(id, { recipients: 1 }),
      );
      for (const topic of [mine, heard, 'anything']) {
        await ask(member, { type: 'Broadcast', data: { topic, payload: 1 } }, error(403));
      }
    },
  },
];
