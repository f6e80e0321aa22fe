import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, TextFrame } from '../client.js';
import { anInteger, at } from '../match.js';
import type { Scenario } from '../scenario.js';
import { packed } from './batch.js';
import {
  acknowledged,
  ask,
  check,
  CURSORS_PER_SECOND,
  documentOf,
  enter,
  error,
  fromServer,
  join,
  makeRoom,
  message,
  numberAt,
  operation,
  OPERATIONS_PER_SECOND,
  ROOMS_PER_USER,
  soFar,
  together,
} from './steps.js';

/** Refilled while we send, so a bit more than the burst is needed to run dry. */
const MARGIN = 2;
/** Bursts until a flood is ended at the latest. */
const FLOOD_ROUNDS = 40;
const REFILL = 1.5;

export const limits: readonly Scenario[] = [
  {
    rules: ['LM1', 'LM4'],
    title: 'beyond 60 cursors and selections a second they are refused with 1003 and retryAfterMs, then taken again',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { one } = await together(context);
      const started = performance.now();
      const move = { x: 1, y: 2, viewportX: 3, viewportY: 4, timestamp: 5 };
      for (let n = 0; n < CURSORS_PER_SECOND + 30; n++) {
        if (n % 10 === 0) one.client.send(message('selection_change', { ranges: [], color: '' }));
        else if (n % 10 === 1) one.client.sendBinary(Buffer.from(`0001${'00'.repeat(16)}`, 'hex'));
        else one.client.send(message('cursor_move', move));
      }
      const refused = (await soFar(one)).filter((frame) => at(frame.json, 'payload.code') === 1003);
      const refilled = ((performance.now() - started) / 1_000) * CURSORS_PER_SECOND * REFILL;
      check(refused.length >= 30 - refilled, `${refused.length} of 30 too many were refused`);
      check(refused.length <= 30, `${refused.length} were refused, of 30 too many`);
      for (const frame of refused) numberAt(frame, 'payload.details.retryAfterMs');
      await sleep(1_000);
      one.client.send(message('cursor_move', move));
      check((await soFar(one)).length === 0, 'refused after the wait');
    },
  },
  {
    rules: ['LM2', 'LM4'],
    title: 'beyond 30 operations a second, those in batches included, they are refused with 1003, and not done',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one } = await together(context);
      const started = performance.now();
      const asked = Array.from({ length: OPERATIONS_PER_SECOND + 20 }, () =>
        operation({ operation: ['a'], version: 1 }),
      );
      for (const each of asked.slice(0, 25)) one.client.send(each);
      one.client.send(message('batch', { messages: asked.slice(25), compressed: false }));
      const answers = await answersTo(one.client, new Set(asked.map(({ id }) => id)));
      const refused = answers.filter((frame) => at(frame.json, 'type') === 'error');
      const refilled = ((performance.now() - started) / 1_000) * OPERATIONS_PER_SECOND * REFILL;
      check(refused.length >= 20 - refilled, `${refused.length} of 20 too many were refused`);
      check(refused.length <= 20, `${refused.length} were refused, of 20 too many`);
      for (const frame of refused) {
        check(at(frame.json, 'payload.code') === 1003, 'not a 1003', frame);
        numberAt(frame, 'payload.details.retryAfterMs');
      }
      const done = asked.length - refused.length;
      check(at(await documentOf(context, one.user, roomId), 'version') === 1 + done, 'what was refused was done');
      await sleep(200);
      const again = operation({ operation: ['b'], version: 1 });
      one.client.send(again);
      await acknowledged(one.client, again.id);
    },
  },
  {
    rules: ['LM3', 'LM4', 'ER2'],
    title: 'beyond the rate anything is refused with 1003 and retryAfterMs; after that wait it is taken again',
    async run(context) {
      const member = await enter(context, await context.user());
      const count = context.settings.limits.burst * MARGIN;
      const asked = Array.from({ length: count }, (_, n) => message('ping', { timestamp: n }));
      for (const each of asked) member.client.send(each);
      const frames: TextFrame[] = [];
      while (frames.length < count) frames.push(await member.client.message());
      const refused = frames.filter((frame) => at(frame.json, 'type') === 'error');
      check(refused.length > 0, `${count} messages at once were all taken`);
      check(refused.length < count, 'not even one message was taken');
      let wait = 0;
      for (const frame of refused) {
        check(at(frame.json, 'payload.code') === 1003, 'not a 1003', frame);
        wait = numberAt(frame, 'payload.details.retryAfterMs');
        check(wait > 0 && wait < 60_000, 'retryAfterMs is no sensible wait', frame);
      }
      await sleep(wait + 50);
      await ask(member, message('ping', { timestamp: -5 }), fromServer('pong', { timestamp: -5 }));
    },
  },
  {
    rules: ['LM3'],
    title: 'compressed batches are taken less often',
    async run(context) {
      const member = await enter(context, await context.user());
      const messages = packed(JSON.stringify([message('ping', { timestamp: 1 })]));
      const asked = Array.from({ length: 12 }, () => message('batch', { messages, compressed: true }));
      for (const each of asked) member.client.send(each);
      await member.client.eventually(error(1003, { retryAfterMs: anInteger }));
    },
  },
  {
    rules: ['LM5', 'LM4'],
    title: 'the eleventh room of a user, over all gateways, is 1003, until one is left',
    needs: ['rest'],
    async run(context) {
      const user = await context.user();
      const rooms: string[] = [];
      while (rooms.length <= ROOMS_PER_USER) rooms.push(await makeRoom(context, user));
      const [one, two] = [await enter(context, user), await enter(context, user, { gateway: 2 })];
      for (const [n, roomId] of rooms.slice(1).entries()) await join(n % 2 === 0 ? one : two, roomId);
      const [last = ''] = rooms;
      const asked = message('join_room', { roomId: last });
      two.client.send(asked);
      await two.client.eventually(error(1003, { messageId: asked.id, retryAfterMs: anInteger }));
      const leaving = message('leave_room', { roomId: rooms[1] }, { acknowledgment: true });
      one.client.send(leaving);
      await one.client.eventually((value) => at(value, 'payload.messageId') === leaving.id);
      await join(two, last);
    },
  },
  {
    rules: ['LM6'],
    title: 'an operation over 1 MiB, which only a compressed batch can hold, is 3001; one just below is done',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { one } = await together(context, { content: '' });
      const large = operation({ operation: ['x'.repeat(1_048_577)], version: 1 });
      one.client.send(message('batch', { messages: packed(JSON.stringify([large])), compressed: true }));
      const field = 'payload.messages.0.payload.operation';
      await one.client.eventually(error(3001, { messageId: large.id, field }));
      const fits = operation({ operation: ['x'.repeat(1_000_000)], version: 1 });
      one.client.send(message('batch', { messages: packed(JSON.stringify([fits])), compressed: true }));
      check((await acknowledged(one.client, fits.id)) === 2, 'another version');
    },
  },
  {
    rules: ['LM7', 'LM4'],
    title: 'who goes on sending far beyond the rate gets a last 1003 and is closed with 1008',
    async run(context) {
      const member = await enter(context, await context.user());
      const flood = Array<string>(context.settings.limits.burst).fill(
        JSON.stringify(message('ping', { timestamp: 1 })),
      );
      for (let round = 0; round < FLOOD_ROUNDS && member.client.closed === undefined; round++) {
        for (const text of flood) member.client.sendText(text);
        await sleep(20);
      }
      const { frames, closed } = await member.client.ended();
      check(closed.code === 1008, `closed with ${closed.code} "${closed.reason}", expected 1008`);
      const last = frames.at(-1);
      check(last?.kind === 'text' && at(last.json, 'payload.code') === 1003, 'the last word is no 1003');
    },
  },
];

/** One to each, whatever else comes. */
async function answersTo(client: Client, ids: Set<string>): Promise<readonly TextFrame[]> {
  const answers: TextFrame[] = [];
  while (ids.size > 0) {
    const frame = await client.message();
    const id = String(at(frame.json, 'payload.messageId') ?? at(frame.json, 'payload.details.messageId'));
    if (ids.delete(id)) answers.push(frame);
  }
  return answers;
}
