import { gzipSync } from 'node:zlib';
import { at, aTime } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  ack,
  ask,
  check,
  documentOf,
  enter,
  error,
  expectNothing,
  fromServer,
  makeRoom,
  message,
  operation,
  together,
} from './steps.js';

type Pack = (messages: readonly unknown[]) => object;
const forms: readonly (readonly [string, Pack])[] = [
  ['plain', (messages) => ({ messages, compressed: false })],
  ['compressed', (messages) => ({ messages: packed(JSON.stringify(messages)), compressed: true })],
];

export const batch: readonly Scenario[] = [
  ...forms.map(([name, pack]): Scenario => ({
    rules: ['UP13', 'UP14'],
    title: `a ${name} batch of operations is done in order`,
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      const asked = ['a', 'b', 'c'].map((text, n) => operation({ operation: [text], version: 1 + n }));
      one.client.send(message('batch', pack(asked)));
      for (const [n, { id }] of asked.entries()) await one.client.eventually(ack(id, { version: n + 2 }));
      for (const { id } of asked) await two.client.eventually((value) => at(value, 'id') === id);
      check(at(await documentOf(context, two.user, roomId), 'content') === 'cbahello', 'the document is another');
    },
  })),
  ...forms.map(([name, pack]): Scenario => ({
    rules: ['UP13', 'UP14', 'UP15', 'UP2'],
    title: `what is wrong in a ${name} batch is named from the batch on, and the rest is done`,
    async run(context) {
      const member = await enter(context, await context.user());
      const ping = (timestamp: number) => message('ping', { timestamp });
      const nested = message('batch', { messages: [ping(9)], compressed: false });
      const items = [ping(1), { ...ping(0), payload: {} }, 'x', nested, message('dance', {}), ping(2)];
      const asked = message('batch', pack(items), { acknowledgment: true });
      member.client.send(asked);
      const pong = (timestamp: number) => fromServer('pong', { timestamp, serverTime: aTime });
      await member.client.expect(pong(1));
      await member.client.expect(error(3001, { field: 'payload.messages.1.payload.timestamp' }));
      await member.client.expect(error(3001, { field: 'payload.messages.2' }));
      await member.client.expect(error(3001, { field: 'payload.messages.3.type', messageId: nested.id }));
      await member.client.expect(error(3001, { field: 'payload.messages.4.type' }));
      await member.client.expect(pong(2));
      await member.client.expect(ack(asked.id));
    },
  })),
  {
    rules: ['UP13'],
    title: 'a batch may join a room and change it',
    needs: ['rest'],
    async run(context) {
      const member = await enter(context, await context.user());
      const roomId = await makeRoom(context, member.user);
      const change = operation({ operation: ['a'], version: 1 });
      member.client.send(message('batch', { messages: [message('join_room', { roomId }), change], compressed: false }));
      await member.client.expect(fromServer('room_joined', { roomId }));
      await member.client.eventually(ack(change.id, { version: 2 }));
    },
  },
  {
    rules: ['UP14'],
    title: 'what is no gzip, no JSON, no array, or a bomb, is bad input and nothing worse',
    async run(context) {
      const member = await enter(context, await context.user());
      const wrong = ['', '%%%', Buffer.from('hello').toString('base64'), packed('hello'), packed('{}')];
      for (const messages of wrong) {
        const asked = message('batch', { messages, compressed: true });
        await ask(member, asked, error(3001, { field: 'payload.messages', messageId: asked.id }));
      }
      const other = await enter(context, member.user, { gateway: 2 });
      const bombs = [packed(' '.repeat(200_000_000)), packed(`[${'['.repeat(1_000_000)}`)];
      for (const messages of bombs) {
        const started = performance.now();
        const asked = message('batch', { messages, compressed: true });
        await ask(other, asked, error(3001, { field: 'payload.messages', messageId: asked.id }));
        const ms = performance.now() - started;
        check(ms < 3_000, `it took ${ms.toFixed(0)} ms to refuse`);
      }
      const empty = message('batch', { messages: [], compressed: false });
      await ask(other, empty, error(3001, { field: 'payload.messages', messageId: empty.id }));
      await expectNothing(other, 'more was said');
    },
  },
];

export function packed(json: string): string {
  return gzipSync(json).toString('base64');
}
