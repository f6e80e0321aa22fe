import { setTimeout as sleep } from 'node:timers/promises';
import { aTime, aUuid, at, oneOf } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ScenarioFailure } from '../failure.js';
import { ack, anId, ask, check, connected, enter, error, expectNothing, pair, type Member } from './steps.js';

const UNKNOWN_USER = '0190a000-0000-7000-8000-000000000000';

const direct = (to: string, payload: unknown, more: object = {}) => ({
  type: 'DirectMessage',
  data: { target_user: to, payload },
  ...more,
});

export const directMessage: readonly Scenario[] = [
  {
    rules: ['UP13', 'DN4', 'DN8'],
    title: 'reaches every connection of the user on all gateways, and the Ack names them',
    users: 2,
    async run(context) {
      const [from, to] = await context.users(2);
      const sender = await enter(context, from);
      const receivers = [await enter(context, to), await enter(context, to, { gateway: 2 })];
      const bystander = await enter(context, from, { gateway: 2 });
      const [id, payload] = [anId(), { message: 'Private message', attachments: [] }];
      const answer = await ask(sender, direct(to.id, payload, { id }), ack(id, { status: 'delivered' }));
      const named = at(answer.json, 'data.delivered_to');
      const wanted = receivers.map(({ connectionId }) => connectionId).sort();
      check(Array.isArray(named) && named.map(String).sort().join() === wanted.join(), 'not the connections', answer);
      for (const { client } of receivers) {
        await client.expect({
          type: 'DirectMessage',
          data: { from_user: from.id, payload, metadata: { sent_at: aTime, message_id: aUuid } },
        });
      }
      await expectNothing(bystander, "another connection of the sender got the recipient's message");
    },
  },
  {
    rules: ['UP4'],
    title: 'without an id it is delivered and not acknowledged',
    users: 2,
    async run(context) {
      const [sender, receiver] = await pair(context);
      sender.client.send(direct(receiver.user.id, 1));
      await receiver.client.expect({ type: 'DirectMessage', data: { from_user: sender.user.id, payload: 1 } });
      await expectNothing(sender, 'a message without an id was answered');
    },
  },
  {
    rules: ['UP13', 'DN4'],
    title: 'a message to oneself arrives',
    async run(context) {
      const member = await enter(context, await context.user());
      const id = anId();
      member.client.send(direct(member.user.id, 'me', { id }));
      const types = [await member.client.message(), await member.client.message()].map((one) => at(one.json, 'type'));
      check(types.sort().join() === 'Ack,DirectMessage', `got ${types.join(' and ')}`);
    },
  },
  {
    rules: ['UP12', 'UP18'],
    title: 'payload byte for byte, metadata passed on',
    users: 2,
    async run(context) {
      const [sender, receiver] = await pair(context);
      const payload = '{ "n":1.0,"n":2 }';
      const target = `"target_user":"${receiver.user.id}"`;
      sender.client.sendText(
        `{"type":"DirectMessage","data":{${target},"payload":${payload}},"metadata":{"mood":"calm","message_id":"forged"}}`,
      );
      const frame = await receiver.client.expect({
        type: 'DirectMessage',
        data: { metadata: { mood: 'calm', message_id: aUuid, sent_at: aTime } },
      });
      check(frame.text.includes(`"payload":${payload}`), 'the payload was changed', frame);
    },
  },
  {
    rules: ['UP14', 'HS7'],
    title: 'to a user who is away: 404 queued; delivered in order, once, directly after the next welcome',
    users: 2,
    needs: ['rest'],
    async run(context) {
      const sender = await enter(context, await context.user());
      const to = await context.user({ fresh: true });
      for (const n of [1, 2, 3]) {
        const id = n === 2 ? undefined : anId();
        const details = id === undefined ? { queued: true } : { queued: true, message_id: id };
        const frame = await ask(sender, direct(to.id, n, id === undefined ? {} : { id }), error(404, details));
        const text = at(frame.json, 'data.message');
        check(text === `User ${to.id} not found or not connected`, 'the text is not the document’s', frame);
      }
      const receiver = await enter(context, to, { gateway: 2 });
      await expectInOrder(receiver, sender.user.id, [1, 2, 3]);
      await expectNothing(receiver, 'a waiting message came twice');
      await receiver.client.close();
      await expectNothing(await enter(context, to), 'a waiting message came again at the next connection');
    },
  },
  {
    rules: ['UP14', 'HS7'],
    title: 'more than a page of waiting messages comes in order, before what is live',
    users: 2,
    needs: ['rest'],
    async run(context) {
      const sender = await enter(context, await context.user());
      const to = await context.user({ fresh: true });
      const { queue, burst } = context.settings.limits;
      const waiting = Math.min(70, queue - 10, burst);
      for (let n = 0; n < waiting; n++) sender.client.send(direct(to.id, n));
      for (let n = 0; n < waiting; n++) await sender.client.expect(error(404, { queued: true }));
      const receiver = await enter(context, to, { gateway: 2 });
      const id = anId();
      sender.client.send(direct(to.id, 'live', { id }));
      await expectInOrder(receiver, sender.user.id, [...Array(waiting).keys(), 'live']);
    },
  },
  {
    rules: ['UP14', 'DN4'],
    title: 'two connections that open at once get a waiting message once between them',
    users: 2,
    needs: ['rest'],
    async run(context) {
      const sender = await enter(context, await context.user());
      const to = await context.user({ fresh: true });
      await ask(sender, direct(to.id, 'once'), error(404, { queued: true }));
      const clients = await Promise.all(([1, 2] as const).map((gateway) => context.open(to, { gateway })));
      const members: Member[] = [];
      for (const client of clients) {
        await client.expect(connected);
        members.push({ client, user: to, connectionId: '' });
      }
      await untilDeliveredTo(sender, to.id, 2);
      const heard = await Promise.all(
        members.map(({ client }) => client.collectUntil({ type: 'DirectMessage', data: { payload: 'live' } })),
      );
      const copies = heard.flat().filter((frame) => at(frame.json, 'data.payload') === 'once').length;
      if (copies !== 1) throw new ScenarioFailure(`the waiting message came ${copies} times`);
    },
  },
  {
    rules: ['UP15'],
    title: 'an unknown user, or no user id at all: 404 with queued false',
    async run(context) {
      const sender = await enter(context, await context.user());
      for (const nobody of [UNKNOWN_USER, 'no-such-user', '!', 'a.b>c']) {
        const id = anId();
        await ask(sender, direct(nobody, 1, { id }), error(404, { message_id: id, queued: false }));
      }
    },
  },
  {
    rules: ['UP16'],
    title: 'target_user may be a username',
    users: 2,
    needs: ['rest'],
    async run(context) {
      const [sender, receiver] = await pair(context);
      const id = anId();
      const { name = '' } = receiver.user;
      const answer = ack(id, { delivered_to: [receiver.connectionId] });
      await ask(sender, direct(name, 'by name', { id }), answer);
      await receiver.client.expect({ type: 'DirectMessage', data: { payload: 'by name' } });
    },
  },
  {
    rules: ['UP17'],
    title: 'metadata.ttl bounds the wait: what is older is not delivered, the rest is',
    users: 2,
    needs: ['rest'],
    async run(context) {
      const sender = await enter(context, await context.user());
      const to = await context.user({ fresh: true });
      const waits = { metadata: { ttl: 3_600 } };
      await ask(sender, direct(to.id, 'gone', { metadata: { ttl: 1 } }), error(404));
      await ask(sender, direct(to.id, 'kept', waits), error(404, { queued: true }));
      await sleep(1_500);
      const receiver = await enter(context, to, { gateway: 2 });
      await expectInOrder(receiver, sender.user.id, ['kept']);
      await expectNothing(receiver, 'a message outlived its ttl');
    },
  },
  {
    rules: ['UP17', 'ER2'],
    title: 'a ttl that is no number of seconds answers Error 400',
    users: 2,
    async run(context) {
      const [sender, receiver] = await pair(context);
      for (const ttl of [-1, '60', null]) {
        const id = anId();
        const message = direct(receiver.user.id, 1, { metadata: { ttl }, id });
        await ask(sender, message, error(400, { field: 'metadata.ttl', message_id: id }));
      }
      await expectNothing(receiver, 'a refused message was delivered');
    },
  },
];

/** While something waits, newer messages wait too, and go to whichever connection takes them. */
async function untilDeliveredTo(sender: Member, to: string, connections: number): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const id = anId();
    const answer = await ask(sender, direct(to, 'live', { id }), { type: oneOf('Ack', 'Error') });
    const named = at(answer.json, 'data.delivered_to');
    if (Array.isArray(named) && named.length === connections) return;
    await sleep(100);
  }
  throw new ScenarioFailure(`no message reached ${connections} connections`);
}

async function expectInOrder({ client }: Member, from: string, payloads: readonly (string | number)[]): Promise<void> {
  for (const payload of payloads) {
    await client.expect({ type: 'DirectMessage', data: { from_user: from, payload } });
  }
}
