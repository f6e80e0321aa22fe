import { aString, at, aUuid, anInteger, type Pattern } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  ack,
  apply,
  ask,
  broadcastOf,
  check,
  checksumOf,
  enter,
  expectNothing,
  fromServer,
  join,
  makeRoom,
  message,
  numberAt,
  operation,
  presence,
  stringAt,
  together,
  type Document,
} from './steps.js';

const participant: Pattern = {
  userId: aUuid,
  numericId: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 0xffff_ffff,
  name: aString,
  color: aString,
  role: aString,
  connectionId: aUuid,
};

const documents: readonly Document[] = [
  { type: 'text', content: 'hello' },
  { type: 'json', content: { title: 'Plan', done: [true, null, 1.5] } },
  { type: 'rich-text', content: { ops: [{ insert: 'hello' }] } },
];

export const rooms: readonly Scenario[] = [
  ...documents.map(({ type, content }): Scenario => ({
    rules: ['UP4', 'DN1', 'DN2'],
    title: `join_room of a ${type} document answers room_joined with its state, its version and who is there`,
    needs: ['rest'],
    async run(context) {
      const member = await enter(context, await context.user());
      const roomId = await makeRoom(context, member.user, { type, content });
      const asked = message('join_room', { roomId }, { acknowledgment: true });
      const me = (value: unknown): boolean =>
        at(value, 'userId') === member.user.id && at(value, 'connectionId') === member.connectionId;
      const joined = await ask(
        member,
        asked,
        fromServer(
          'room_joined',
          {
            roomId,
            participants: [participant],
            documentState: { type, checksum: aString },
            version: 1,
            recovered: false,
          },
          { roomId },
        ),
      );
      check(me(at(joined.json, 'payload.participants.0')), 'the participant is somebody else', joined);
      check(at(joined.json, 'payload.participants.0.role') === 'owner', 'its maker is not the owner', joined);
      const state = at(joined.json, 'payload.documentState.content');
      const checksum = stringAt(joined, 'payload.documentState.checksum');
      check(checksum === checksumOf(state), 'the checksum is not that of the content', joined);
      await member.client.expect(ack(asked.id));
    },
  })),
  {
    rules: ['DN2'],
    title: 'who joins sees everyone, each connection with its numericId, name, color and role',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      const third = await enter(context, two.user);
      const joined = await join(third, roomId);
      const list = at(joined.json, 'payload.participants');
      const ids = Array.isArray(list) ? list.map((who) => at(who, 'connectionId')) : [];
      for (const { connectionId } of [one, two, third])
        check(ids.includes(connectionId), 'somebody is missing', joined);
      const roles = Array.isArray(list) ? list.map((who) => at(who, 'role')).sort() : [];
      check(roles.join() === 'editor,editor,owner', 'the roles are others', joined);
    },
  },
  {
    rules: ['UP4', 'UP3'],
    title: 'what happens after joining comes without gap or repeat, while others go on changing the document',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      const late = await enter(context, two.user, { gateway: 2 });
      let version = 1;
      const write = async (): Promise<void> => {
        for (let n = 0; n < 25; n++) version = await apply(one, operation({ operation: ['x'], version }));
      };
      const [joined] = await Promise.all([join(late, roomId), write()]);
      const state = stringAt(joined, 'payload.documentState.content');
      let [expected, text] = [numberAt(joined, 'payload.version'), state];
      check(text.length === 5 + expected - 1, 'the state is not that of its version', joined);
      while (expected < version) {
        const next = await late.client.eventually((value) => at(value, 'type') === 'operation_broadcast');
        expected += 1;
        check(numberAt(next, 'payload.transformedVersion') === expected, `expected version ${expected}`, next);
        text = `x${text}`;
      }
      await expectNothing(late, 'something came twice');
      check(text === `${'x'.repeat(25)}hello`, `the text is ${text}`);
    },
  },
  {
    rules: ['UP5'],
    title: 'a room that is joined again is answered anew',
    needs: ['rest'],
    async run(context) {
      const member = await enter(context, await context.user());
      const roomId = await makeRoom(context, member.user);
      await join(member, roomId);
      const version = await apply(member, operation({ operation: ['a'], version: 1 }));
      const again = await join(member, roomId);
      check(numberAt(again, 'payload.version') === version, 'another version', again);
      const list = at(again.json, 'payload.participants');
      check(Array.isArray(list) && list.length === 1, 'the connection is there twice', again);
      await apply(member, operation({ operation: ['b'], version }));
      await expectNothing(member, 'an operation was acknowledged twice');
    },
  },
  {
    rules: ['UP6', 'DN7'],
    title: 'leave_room is seen by others at once, and nothing of the room comes any more',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      const asked = message('leave_room', { roomId }, { acknowledgment: true });
      two.client.send(asked);
      await two.client.eventually(ack(asked.id));
      await one.client.eventually(
        presence(two.user, { status: 'offline', connectionId: two.connectionId, numericId: anInteger }),
        2_000,
      );
      await apply(one, operation({ operation: ['a'], version: 1 }));
      await expectNothing(two, 'something of the room came');
      const again = message('leave_room', { roomId }, { acknowledgment: true });
      await ask(two, again, ack(again.id));
    },
  },
  {
    rules: ['UP3', 'DN1'],
    title: 'without roomId, an operation is about the room that was joined last',
    needs: ['rest'],
    async run(context) {
      const member = await enter(context, await context.user());
      const [first, second] = [await makeRoom(context, member.user), await makeRoom(context, member.user)];
      await join(member, first);
      await join(member, second);
      const watcher = await enter(context, member.user, { gateway: 2 });
      await join(watcher, first);
      await join(watcher, second);
      await apply(member, operation({ operation: ['2'], version: 1 }));
      await watcher.client.eventually(broadcastOf(['2'], { version: 1, transformedVersion: 2 }));
      const named = operation({ operation: ['1'], version: 1 }, { roomId: first });
      member.client.send(named);
      const answer = await member.client.eventually(ack(named.id, { version: 2 }));
      check(at(answer.json, 'roomId') === first, 'the ack is about another room', answer);
      const seen = await watcher.client.eventually((value) => at(value, 'id') === named.id);
      check(at(seen.json, 'roomId') === first, 'the operation is about another room', seen);
    },
  },
];
