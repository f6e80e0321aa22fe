import { aString, at, isRecord } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  ack,
  acknowledged,
  apply,
  broadcastOf,
  canonical,
  check,
  checksumOf,
  documentOf,
  expectNothing,
  operation,
  soFar,
  together,
  type Document,
} from './steps.js';

interface Example extends Document {
  readonly operation: unknown;
  readonly after: unknown;
}

const examples: readonly Example[] = [
  { type: 'text', content: 'hello', operation: [5, ' world'], after: 'hello world' },
  { type: 'json', content: { n: 1 }, operation: ['title', { i: 'Plan' }], after: { n: 1, title: 'Plan' } },
  {
    type: 'rich-text',
    content: { ops: [{ insert: 'hello' }] },
    operation: { ops: [{ retain: 5, attributes: { bold: true } }] },
    after: { ops: [{ insert: 'hello', attributes: { bold: true } }] },
  },
];

export const operations: readonly Scenario[] = [
  ...examples.map(({ type, content, operation: change, after }): Scenario => ({
    rules: ['UP10', 'DN4', 'DN5', 'DN6'],
    title: `an operation on a ${type} document: an ack for its sender, a broadcast for the others`,
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context, { type, content });
      const asked = operation({ operation: change, version: 1, checksum: checksumOf(change) }, { roomId });
      one.client.send(asked);
      await one.client.eventually(ack(asked.id, { version: 2 }));
      const told = await two.client.eventually(
        broadcastOf(change, { userId: one.user.id, version: 1, transformedVersion: 2 }),
      );
      check(at(told.json, 'id') === asked.id, 'its id is not that of the message', told);
      check(at(told.json, 'roomId') === roomId, 'it does not name the room', told);
      await expectNothing(one, 'the sender was told more than the ack');
      const document = await documentOf(context, two.user, roomId);
      check(canonical(at(document, 'content')) === canonical(after), `the document is ${JSON.stringify(document)}`);
      check(at(document, 'version') === 2, 'REST has another version');
      check(at(document, 'checksum') === checksumOf(after), 'the checksum is not that of the content');
    },
  })),
  {
    rules: ['UP9', 'DN5'],
    title: 'operations of a connection are done in its order, without waiting for the one before',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      const asked = Array.from({ length: 10 }, (_, n) => operation({ operation: [String(n)], version: 1 }));
      for (const each of asked) one.client.send(each);
      const versions = [];
      for (const { id } of asked) versions.push(await acknowledged(one.client, id));
      check(versions.join() === [2, 3, 4, 5, 6, 7, 8, 9, 10, 11].join(), `acknowledged as ${versions.join()}`);
      for (const { id } of asked) await two.client.eventually((value) => at(value, 'id') === id);
      const document = await documentOf(context, one.user, roomId);
      check(at(document, 'version') === 11, 'REST has another version');
    },
  },
  {
    rules: ['DN4', 'DN5'],
    title: 'operations of two, made on the same version, are transformed; acks and broadcasts come in one order',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      const [mine, yours] = [
        operation({ operation: [5, '!'], version: 1 }),
        operation({ operation: ['"'], version: 1 }),
      ];
      one.client.send(mine);
      two.client.send(yours);
      const seen = [];
      for (const member of [one, two]) {
        const order: number[] = [];
        while (order.length < 2) {
          const frame = await member.client.eventually((value) =>
            ['ack', 'operation_broadcast'].includes(String(at(value, 'type'))),
          );
          order.push(Number(at(frame.json, 'payload.transformedVersion') ?? at(frame.json, 'payload.version')));
          seen.push(frame);
        }
        check(order.join() === '2,3', `versions came as ${order.join()}`);
      }
      const later = seen.find((frame) => at(frame.json, 'payload.transformedVersion') === 3);
      check(at(later?.json, 'payload.version') === 1, 'version is not the one that it was made on', later);
      const expected = at(later?.json, 'id') === mine.id ? [6, '!'] : ['"'];
      check(canonical(at(later?.json, 'payload.operation')) === canonical(expected), 'not transformed', later);
      check(at(await documentOf(context, one.user, roomId), 'content') === '"hello!', 'the document is another');
    },
  },
  {
    rules: ['DN4'],
    title: 'whatever users write is stored and passed on as it is',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      const text = '<script>alert(1)</script> & \u2028 😀 "\\';
      await apply(one, operation({ operation: [text], version: 1 }));
      await two.client.eventually(broadcastOf([text]));
      check(at(await documentOf(context, two.user, roomId), 'content') === `${text}hello`, 'the text was changed');
    },
  },
  {
    rules: ['UP10', 'UP2'],
    title: 'an operation is acknowledged once, also with acknowledgment: true',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { one } = await together(context);
      const asked = operation({ operation: ['a'], version: 1 }, { acknowledgment: true });
      check((await apply(one, asked)) === 2, 'another version than 2');
      const more = await soFar(one);
      check(!more.some(({ json }) => isRecord(json) && at(json, 'type') === 'ack'), 'acknowledged again', more[0]);
      check(aString(asked.id), 'no id');
    },
  },
];
