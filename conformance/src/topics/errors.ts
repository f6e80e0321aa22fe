import { setTimeout as sleep } from 'node:timers/promises';
import { at, aString, oneOf, type Pattern } from '../match.js';
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
  pair,
  publish,
  subscribe,
  type Member,
} from './steps.js';

const STRIKES = 20;

/** What is sent, and the field that the error has to name. */
const malformed: readonly (readonly [string, string])[] = [
  ['', 'frame'],
  ['nonsense', 'frame'],
  ['{"type":"Ping"', 'frame'],
  ['\ufeff{"type":"Ping","data":{"timestamp":1}}', 'frame'],
  ['null', 'frame'],
  ['[]', 'frame'],
  ['"Ping"', 'frame'],
  ['1', 'frame'],
];

const mistyped: readonly (readonly [object, string])[] = [
  [{}, 'type'],
  [{ type: 1, data: {} }, 'type'],
  [{ type: 'Ping' }, 'data'],
  [{ type: 'Ping', data: {} }, 'data.timestamp'],
  [{ type: 'Ping', data: { timestamp: '1' } }, 'data.timestamp'],
  [{ type: 'Ping', data: { timestamp: 1 }, timestamp: 'now' }, 'timestamp'],
  [{ type: 'Ping', data: { timestamp: 1 }, metadata: [] }, 'metadata'],
  [{ type: 'Subscribe', data: { topics: 'a' } }, 'data.topics'],
  [{ type: 'Subscribe', data: { topics: [] } }, 'data.topics'],
  [{ type: 'Subscribe', data: { topics: [1] } }, 'data.topics.0'],
  [{ type: 'Broadcast', data: { payload: 1 } }, 'data.topic'],
  [{ type: 'Broadcast', data: { topic: 'a' } }, 'data.payload'],
  [{ type: 'DirectMessage', data: { payload: 1 } }, 'data.target_user'],
  [{ type: 'DirectMessage', data: { target_user: 'a' } }, 'data.payload'],
  [{ type: 'Presence', data: {} }, 'data.status'],
  [{ type: 'Auth', data: {} }, 'data.token'],
];

export const errors: readonly Scenario[] = [
  {
    rules: ['UP1'],
    title: 'unknown fields are ignored; timestamp and metadata may be there or not',
    async run(context) {
      const member = await enter(context, await context.user());
      const id = 'i'.repeat(256);
      const message = {
        type: 'Ping',
        data: { timestamp: 1, more: true },
        id,
        timestamp: 1.5,
        metadata: { a: {} },
        unknown: [],
      };
      await ask(member, message, { type: 'Pong', data: { timestamp: 1 } });
      await member.client.expect(ack(id));
    },
  },
  {
    rules: ['UP1', 'ER2'],
    title: 'an id that is no string, or longer than 256, answers Error 400 without one',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const id of [1, null, 'i'.repeat(257)]) {
        const frame = await ask(member, { type: 'Ping', data: { timestamp: 1 }, id }, error(400, { field: 'id' }));
        check(at(frame.json, 'data.details.message_id') === undefined, 'an id that is none was answered', frame);
      }
    },
  },
  {
    rules: ['ER1', 'ER2', 'ER4'],
    title: 'what is no message answers Error 400 and leaves the connection open',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const [text, field] of malformed) {
        member.client.sendText(text);
        await member.client.expect(error(400, { field }));
      }
      await expectNothing(member, 'more than one answer to a message');
    },
  },
  {
    rules: ['ER1', 'ER2', 'UP2', 'UP4'],
    title: 'what does not fit its type answers Error 400 with the path of what was wrong, and the id',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const [message, field] of mistyped) {
        const id = anId();
        await ask(member, { ...message, id }, error(400, { field, message_id: id }));
      }
    },
  },
  {
    rules: ['ER3'],
    title: 'an unknown type answers Error 400 with the field type',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const type of ['Unheard', 'ping', 'Ack', 'Status', 'toString', '__proto__', '']) {
        const id = anId();
        await ask(member, { type, data: {}, id }, error(400, { field: 'type', message_id: id }));
      }
    },
  },
  {
    rules: ['ER4'],
    title: `${STRIKES} bad messages within 10 s close with 1008, one fewer does not; each is answered`,
    async run(context) {
      const member = await enter(context, await context.user());
      for (let n = 1; n < STRIKES; n++) {
        member.client.sendText('{');
        await member.client.expect(error(400));
      }
      await expectNothing(member, 'more was said than the errors');
      member.client.sendText('{');
      await member.client.expect(error(400));
      await member.client.expectClose(1008);
    },
  },
  {
    rules: ['ER6', 'UP14'],
    title: 'a full queue answers Error 503, and what it holds is delivered',
    users: 2,
    needs: ['rest'],
    waitsSeconds: 20,
    async run(context) {
      const sender = await enter(context, await context.user());
      const to = await context.user({ fresh: true });
      const most = context.settings.limits.queue;
      const direct = (payload: number) => ({ type: 'DirectMessage', data: { target_user: to.id, payload } });
      for (let n = 0; n < most; n++) await askPatiently(sender, direct(n), error(404, { queued: true }));
      const id = anId();
      await askPatiently(sender, { ...direct(most), id }, error(503, { message_id: id }));
      const receiver = await enter(context, to, { gateway: 2 });
      for (let n = 0; n < most; n++) await receiver.client.expect({ type: 'DirectMessage', data: { payload: n } });
      await expectNothing(receiver, 'a message came that the queue had no place for');
    },
  },
  {
    rules: ['ER7'],
    title: 'a login that is logged out gets Error 401 and close 1008 on every gateway within 2 s; others stay',
    users: 1,
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const doomed = await context.logIn(user);
      const members = [await enter(context, doomed), await enter(context, doomed, { gateway: 2 })];
      const other = await enter(context, user);
      await context.logOut(doomed);
      for (const { client } of members) {
        await client.expect(error(401), 2_000);
        await client.expectClose(1008);
      }
      const again = await context.open(doomed, { gateway: 2 });
      await again.expect(error(401));
      await again.expectClose(1008);
      await expectNothing(other, 'another login of the user was told');
    },
  },
  {
    rules: ['ER8'],
    title: 'an operator closes a connection with 1008',
    needs: ['api-key'],
    async run(context) {
      const member = await enter(context, await context.user(), { gateway: 2 });
      await context.rest.asServer('DELETE', `/admin/connections/${member.connectionId}`, 204);
      await member.client.expectClose(1008);
    },
  },
  {
    rules: ['ER8'],
    title: 'a frame over the limit closes with 1009, one at the limit does not',
    async run(context) {
      const member = await enter(context, await context.user());
      const most = context.settings.limits.frameBytes;
      const frame = (bytes: number): string => {
        const [head, tail] = ['{"type":"Ping","data":{"timestamp":1},"more":"', '"}'];
        return `${head}${'x'.repeat(bytes - head.length - tail.length)}${tail}`;
      };
      member.client.sendText(frame(most));
      await member.client.expect({ type: 'Pong', data: { timestamp: 1 } });
      member.client.sendText(frame(most + 1));
      await member.client.expectClose(1009);
    },
  },
  {
    rules: ['ER8'],
    title: 'text that is not UTF-8 closes with 1007',
    async run(context) {
      const { client } = await enter(context, await context.user());
      client.socket.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false });
      await client.expectClose(1007);
    },
  },
  {
    rules: ['ER8'],
    title: 'who does not read is closed with 1013, and nobody else waits for them',
    users: 2,
    async run(context) {
      const [publisher, bystander] = await pair(context);
      const slow = await enter(context, bystander.user, { gateway: 2 });
      const topic = context.topic();
      await subscribe(slow, topic);
      await subscribe(bystander, topic);
      slow.client.socket.pause();
      const payload = 'x'.repeat(Math.floor(context.settings.limits.frameBytes / 2));
      // Beyond the server's own limit, the network between us holds some as well.
      const rounds = Math.ceil((context.settings.limits.unsentBytes + 16_000_000) / payload.length);
      for (let n = 0; n < rounds; n++) {
        await publish(publisher, topic, payload);
        await bystander.client.expect(broadcastOf(topic, aString));
      }
      slow.client.socket.resume();
      const { closed } = await slow.client.ended(10_000);
      check(closed.code === 1013, `closed with ${closed.code} "${closed.reason}", expected 1013`);
    },
  },
  {
    rules: ['ER9'],
    title: 'a payload that fits a frame but not the cluster answers Error 400',
    async run(context) {
      const member = await enter(context, await context.user());
      const id = anId();
      const payload = 'x'.repeat(context.settings.limits.frameBytes - 400);
      const message = { type: 'Broadcast', data: { topic: context.topic(), payload }, id };
      member.client.send(message);
      const frame = await member.client.message();
      const refused = at(frame.json, 'data.code') === 400 && at(frame.json, 'data.details.message_id') === id;
      check(refused, 'not refused with 400', frame);
      await expectNothing(member, 'the connection went on to say more');
    },
  },
];

/** Asks again when it was too fast for the server. */
async function askPatiently(member: Member, message: object, answer: Pattern): Promise<void> {
  for (;;) {
    const frame = await ask(member, message, oneOf(error(429), answer));
    if (at(frame.json, 'data.code') !== 429) return;
    await sleep(Number(at(frame.json, 'data.details.retry_after_ms')));
  }
}
