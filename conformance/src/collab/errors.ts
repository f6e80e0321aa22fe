import { randomUUID } from 'node:crypto';
import { Skipped } from '../failure.js';
import { at } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  apply,
  ask,
  check,
  checksumOf,
  enter,
  error,
  expectNothing,
  fromServer,
  join,
  makeRoom,
  message,
  operation,
  together,
  type Member,
} from './steps.js';

/** As many as can be let in within a scenario. */
const MOST_PLACES = 30;

export const errors: readonly Scenario[] = [
  {
    rules: ['ER5', 'ER2', 'ER1'],
    title: 'an unknown room, and one that one may not know of, is 2001',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [owner, stranger] = await context.users(2);
      const secret = await makeRoom(context, owner);
      const member = await enter(context, stranger);
      for (const roomId of [secret, randomUUID()]) {
        const asked = message('join_room', { roomId });
        const refused = await ask(member, asked, error(2001, { messageId: asked.id }));
        check(at(refused.json, 'roomId') === roomId, 'it does not name the room', refused);
        const change = operation({ operation: ['a'], version: 1 }, { roomId });
        await ask(member, change, error(2001, { messageId: change.id }));
      }
    },
  },
  {
    rules: ['ER5', 'ER2', 'LM4'],
    title: 'a full room is 2002, until somebody leaves',
    needs: ['rest'],
    async run(context) {
      const places = context.settings.limits.roomCapacity;
      if (places > MOST_PLACES) throw new Skipped(`would fill a room with ${places}: lower it, and --room-capacity`);
      const owner = await context.user();
      const roomId = await makeRoom(context, owner);
      const members: Member[] = [];
      // Few connections of many users each, since those are limited too.
      while (members.length < places) {
        const user = members.length === 0 ? owner : await context.user();
        if (user !== owner)
          await context.rest.succeed('PUT', `/rooms/${roomId}/members/${user.id}`, grant(owner.token));
        for (let n = 0; n < 3 && members.length < places; n++) {
          const member = await enter(context, user, { gateway: n % 2 === 0 ? 1 : 2 });
          await join(member, roomId);
          members.push(member);
        }
      }
      const late = await enter(context, owner);
      const asked = message('join_room', { roomId });
      await ask(late, asked, error(2002, { messageId: asked.id }));
      const [first] = members;
      if (first === undefined) return;
      const leaving = message('leave_room', { roomId }, { acknowledgment: true });
      first.client.send(leaving);
      await first.client.eventually((value) => at(value, 'payload.messageId') === leaving.id);
      await join(late, roomId);
    },
  },
  {
    rules: ['ER5', 'ER2'],
    title: 'a viewer’s operation is 2003, and so is one of a room that was not joined',
    needs: ['rest'],
    users: 3,
    async run(context) {
      const [owner, editor, viewer] = await context.users(3);
      const roomId = await makeRoom(context, owner, {}, [
        [editor, 'editor'],
        [viewer, 'viewer'],
      ]);
      const reader = await enter(context, viewer);
      await join(reader, roomId);
      const outside = await enter(context, editor, { gateway: 2 });
      for (const member of [reader, outside]) {
        const asked = operation({ operation: ['a'], version: 1 }, { roomId });
        member.client.send(asked);
        await member.client.eventually(error(2003, { messageId: asked.id }));
      }
      await join(outside, roomId);
      await apply(outside, operation({ operation: ['a'], version: 1 }));
      await reader.client.eventually((value) => at(value, 'type') === 'operation_broadcast');
    },
  },
  {
    rules: ['ER6', 'ER2', 'ER1'],
    title: 'an operation that is none, or does not fit its document, is 3001, and changes nothing',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { one, two } = await together(context);
      for (const bad of [[100, 'x'], [{ d: 99 }], 'x', 7, {}, [-1, 'x'], [1.5], [['a']], { ops: [] }]) {
        const asked = operation({ operation: bad, version: 1 });
        one.client.send(asked);
        const refused = await one.client.eventually(error(3001, { messageId: asked.id }));
        check(String(at(refused.json, 'payload.details.field')).startsWith('payload.operation'), 'no field', refused);
      }
      check((await apply(one, operation({ operation: ['a'], version: 1 }))) === 2, 'a bad one was applied');
      const seen = await two.client.eventually((value) => at(value, 'type') === 'operation_broadcast');
      check(at(seen.json, 'payload.transformedVersion') === 2, 'a bad one was broadcast', seen);
    },
  },
  {
    rules: ['ER7', 'ER2'],
    title: 'a base version ahead of the document is 3002 with the current one; one behind is transformed',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { one } = await together(context);
      const version = await apply(one, operation({ operation: ['a'], version: 1 }));
      for (const ahead of [version + 1, 1_000_000]) {
        const asked = operation({ operation: ['b'], version: ahead });
        one.client.send(asked);
        await one.client.eventually(error(3002, { messageId: asked.id, currentVersion: version }));
      }
      await apply(one, operation({ operation: ['c'], version: 1 }));
    },
  },
  {
    rules: ['ER8', 'ER2'],
    title: 'a checksum that is not the operation’s is 3003, the right one is taken',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { one } = await together(context);
      const right = checksumOf(['a']);
      for (const checksum of [checksumOf(['b']), right.slice(1), 'nonsense', '']) {
        const asked = operation({ operation: ['a'], version: 1, checksum });
        one.client.send(asked);
        await one.client.eventually(error(3003, { messageId: asked.id }));
      }
      check((await apply(one, operation({ operation: ['a'], version: 1, checksum: right }))) === 2, 'applied before');
    },
  },
  {
    rules: ['ER11'],
    title: 'a frame over the limit closes with 1009, one at the limit does not',
    async run(context) {
      const member = await enter(context, await context.user());
      const frame = (bytes: number): string => {
        const text = JSON.stringify(message('ping', { timestamp: 1 }, { more: '' }));
        return text.replace('"more":""', `"more":"${'x'.repeat(bytes - text.length)}"`);
      };
      member.client.sendText(frame(context.settings.limits.frameBytes));
      await member.client.expect(fromServer('pong', { timestamp: 1 }));
      member.client.sendText(frame(context.settings.limits.frameBytes + 1));
      await member.client.expectClose(1009);
    },
  },
  {
    rules: ['ER11'],
    title: 'text that is not UTF-8 closes with 1007',
    async run(context) {
      const { client } = await enter(context, await context.user());
      client.socket.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false });
      await client.expectClose(1007);
    },
  },
  {
    rules: ['ER11'],
    title: 'who does not read is closed with 1013, and nobody else waits for them',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context, { content: '' });
      const slow = await enter(context, two.user, { gateway: 2 });
      await join(slow, roomId);
      slow.client.socket.pause();
      const piece = 'x'.repeat(400_000);
      // Beyond the server's own limit, the network between us holds some as well.
      const rounds = Math.ceil((context.settings.limits.unsentBytes + 10_000_000) / piece.length);
      let version = 1;
      for (let n = 0; n < rounds; n++) {
        // What is inserted is taken away again, so that the document stays small.
        version = await apply(one, operation({ operation: [piece], version }));
        version = await apply(one, operation({ operation: [{ d: piece.length }], version }));
        await two.client.eventually((value) => at(value, 'payload.transformedVersion') === version);
      }
      slow.client.socket.resume();
      const { closed } = await slow.client.ended(10_000);
      check(closed.code === 1013, `closed with ${closed.code} "${closed.reason}", expected 1013`);
      await expectNothing(two, 'more was said');
    },
  },
];

function grant(bearer: string) {
  return { bearer, body: { role: 'editor' } };
}
