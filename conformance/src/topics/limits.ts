import { setTimeout as sleep } from 'node:timers/promises';
import { anInteger, at } from '../match.js';
import type { Scenario } from '../scenario.js';
import { anId, ask, check, enter, error, expectNothing, numberAt, publish, subscribe } from './steps.js';

/** Refilled while we send, so a bit more than the burst is needed to run dry. */
const MARGIN = 2;
/** Bursts until a flood is ended at the latest. */
const FLOOD_ROUNDS = 40;

export const limits: readonly Scenario[] = [
  {
    rules: ['LM1', 'LM2', 'ER1'],
    title: 'beyond the rate messages answer Error 429 with retry_after_ms; after that wait they are taken again',
    async run(context) {
      const member = await enter(context, await context.user());
      const count = context.settings.limits.burst * MARGIN;
      for (let n = 0; n < count; n++) member.client.send({ type: 'Ping', data: { timestamp: n }, id: `p${n}` });
      const frames = await collectAnswers(member.client, count);
      const refused = frames.filter((frame) => at(frame.json, 'type') === 'Error');
      check(refused.length > 0, `${count} messages at once were all taken`);
      check(refused.length < count, 'not even one message was taken');
      let wait = 0;
      for (const frame of refused) {
        check(at(frame.json, 'data.code') === 429, 'not a 429', frame);
        check(/^p\d+$/.test(String(at(frame.json, 'data.details.message_id'))), 'no message_id', frame);
        wait = numberAt(frame, 'data.details.retry_after_ms');
        check(Number.isInteger(wait) && wait > 0 && wait < 60_000, 'retry_after_ms is no sensible wait', frame);
      }
      await sleep(wait + 50);
      await ask(member, { type: 'Ping', data: { timestamp: -5 } }, { type: 'Pong', data: { timestamp: -5 } });
    },
  },
  {
    rules: ['LM1', 'UP24'],
    title: 'items of a batch and binary frames count, a Pong does not',
    async run(context) {
      const member = await enter(context, await context.user());
      const { burst } = context.settings.limits;
      for (let n = 0; n < burst * MARGIN; n++) member.client.send({ type: 'Pong', data: {} });
      await ask(member, { type: 'Ping', data: { timestamp: 1 } }, { type: 'Pong', data: { timestamp: 1 } });
      const size = Math.min(100, burst);
      const messages = Array.from({ length: size }, (_, n) => ({ type: 'Ping', data: { timestamp: n } }));
      const batches = Math.ceil((burst * MARGIN) / size) + 1;
      for (let n = 0; n < batches; n++) member.client.send({ type: 'Batch', data: { messages } });
      await member.client.eventually(error(429, { retry_after_ms: anInteger }), 5_000);
      const other = await enter(context, member.user);
      for (let n = 0; n < burst * MARGIN; n++) other.client.sendBinary(Buffer.from([1, 0, 0, 0, 0]));
      await other.client.eventually(error(429, { retry_after_ms: anInteger }), 5_000);
    },
  },
  {
    rules: ['LM5', 'LM2'],
    title: 'who goes on sending far beyond the rate gets a last Error 429 and is closed with 1008',
    async run(context) {
      const member = await enter(context, await context.user());
      const { burst } = context.settings.limits;
      const flood = Array<string>(burst).fill('{"type":"Ping","data":{"timestamp":1}}');
      for (let round = 0; round < FLOOD_ROUNDS && member.client.closed === undefined; round++) {
        for (const text of flood) member.client.sendText(text);
        await sleep(20);
      }
      const { frames, closed } = await member.client.ended();
      check(closed.code === 1008, `closed with ${closed.code} "${closed.reason}", expected 1008`);
      const last = frames.at(-1);
      check(last?.kind === 'text' && at(last.json, 'data.code') === 429, 'the last word is no Error 429');
      const other = await enter(context, member.user, { gateway: 2 });
      await expectNothing(other, 'another connection of the user was told');
    },
  },
  {
    rules: ['LM3', 'LM2'],
    title: 'a Subscribe beyond the subscriptions of a connection answers Error 429 and subscribes nothing',
    async run(context) {
      const member = await enter(context, await context.user());
      const most = context.settings.limits.subscriptions;
      const topics = Array.from({ length: most }, (_, n) => context.topic(`t${n}`));
      const held = context.topic('held');
      await subscribe(member, held);
      const id = anId();
      await ask(
        member,
        { type: 'Subscribe', data: { topics }, id },
        error(429, { message_id: id, retry_after_ms: anInteger }),
      );
      const publisher = await enter(context, member.user, { gateway: 2 });
      const answer = await publish(publisher, context.topic('t0'), 1);
      check(at(answer.json, 'data.recipients') === 0, 'a refused Subscribe subscribed something', answer);
      const full = await subscribe(member, ...topics.slice(1));
      check(numberAt(full, 'data.details.active_subscriptions') === most, 'not exactly the limit', full);
    },
  },
];

/** So many pings have an answer when each was refused, or answered and acknowledged. */
async function collectAnswers(client: Parameters<typeof ask>[0]['client'], count: number) {
  const frames = [];
  let answered = 0;
  while (answered < count) {
    const frame = await client.message();
    frames.push(frame);
    if (at(frame.json, 'type') !== 'Pong') answered += 1;
  }
  return frames;
}
