import { anInteger, aString, at } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  ack,
  apply,
  check,
  enter,
  error,
  expectNothing,
  join,
  makeRoom,
  message,
  operation,
  presence as presenceOf,
  setRole,
  soFar,
  together,
} from './steps.js';

const cursor = { x: 1.5, y: -2, viewportX: 10, viewportY: 20, timestamp: 123 };

export const presence: readonly Scenario[] = [
  {
    rules: ['UP7', 'DN7', 'UP2'],
    title: 'a cursor reaches the others in the room, and not its own connection',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { one, two } = await together(context);
      const asked = message('cursor_move', cursor, { acknowledgment: true });
      one.client.send(asked);
      await one.client.eventually(ack(asked.id));
      const moved = { connectionId: one.connectionId, numericId: anInteger, cursor };
      await two.client.eventually(presenceOf(one.user, moved));
      await expectNothing(one, 'its own cursor came back');
    },
  },
  {
    rules: ['UP7', 'UP8', 'DN7'],
    title: 'a selection reaches the others with its ranges and color, whatever a range looks like',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { one, two } = await together(context);
      const selections = [
        { ranges: [{ anchor: 1, head: 4 }], color: '#ff0000' },
        { ranges: [{ start: { line: 1, column: 2 }, end: { line: 3, column: 4 } }, { cell: 'B7' }], color: 'red' },
        { ranges: [], color: '' },
      ];
      for (const selection of selections) {
        one.client.send(message('selection_change', selection));
        await two.client.eventually(presenceOf(one.user, { connectionId: one.connectionId, selection }));
      }
    },
  },
  {
    rules: ['UP7'],
    title: 'where one has not joined there is nothing to point at: 2003',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one } = await together(context);
      const stranger = await enter(context, await context.user());
      for (const asked of [
        message('cursor_move', cursor),
        message('cursor_move', cursor, { roomId }),
        message('selection_change', { ranges: [], color: '' }, { roomId }),
      ]) {
        stranger.client.send(asked);
        await stranger.client.expect(error(2003, { messageId: asked.id }));
      }
      await expectNothing(one, 'a stranger pointed at something');
    },
  },
  {
    rules: ['DN7'],
    title: 'joining shows name, color, role, numericId and connection; leaving shows it gone',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      const third = await enter(context, two.user);
      await join(third, roomId);
      const { connectionId } = third;
      const shown = { status: 'online', connectionId, numericId: anInteger, name: aString, color: aString };
      await one.client.eventually(presenceOf(two.user, { ...shown, role: 'editor' }));
      third.client.send(message('leave_room', { roomId }));
      await one.client.eventually(presenceOf(two.user, { status: 'offline', connectionId }));
    },
  },
  {
    rules: ['DN7', 'ER5'],
    title: 'a changed role is shown to all, and takes effect on what is open',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      await setRole(context, one.user, roomId, two.user, 'viewer');
      for (const member of [one, two]) await member.client.eventually(presenceOf(two.user, { role: 'viewer' }));
      const refused = operation({ operation: ['a'], version: 1 });
      two.client.send(refused);
      await two.client.eventually(error(2003, { messageId: refused.id }));
      await setRole(context, one.user, roomId, two.user, 'editor');
      await two.client.eventually(presenceOf(two.user, { role: 'editor' }));
      await apply(two, operation({ operation: ['a'], version: 1 }));
    },
  },
  {
    rules: ['DN8'],
    title: 'who is removed gets 2003 with the room and hears nothing of it any more; the others see them leave',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      await context.rest.succeed('DELETE', `/rooms/${roomId}/members/${two.user.id}`, { bearer: one.user.token });
      const told = await two.client.eventually(error(2003));
      check(at(told.json, 'roomId') === roomId, 'it does not name the room', told);
      await one.client.eventually(presenceOf(two.user, { status: 'offline', connectionId: two.connectionId }));
      await apply(one, operation({ operation: ['a'], version: 1 }));
      await expectNothing(two, 'something of the room came');
    },
  },
  {
    rules: ['DN8'],
    title: 'everyone in a room that is deleted gets 2001 with the room',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      await context.rest.succeed('DELETE', `/rooms/${roomId}`, { bearer: one.user.token });
      for (const member of [one, two]) {
        const told = await member.client.eventually(error(2001));
        check(at(told.json, 'roomId') === roomId, 'it does not name the room', told);
        const more = await soFar(member);
        check(!more.some(({ json }) => at(json, 'type') === 'error'), 'told twice', more[0]);
      }
    },
  },
  {
    rules: ['DN7'],
    title: 'nobody hears of rooms that they are not in',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { roomId, one, two } = await together(context);
      const outsider = await enter(context, two.user);
      const other = await makeRoom(context, two.user);
      await join(outsider, other);
      await apply(one, operation({ operation: ['a'], version: 1 }, { roomId }));
      one.client.send(message('cursor_move', cursor));
      await two.client.eventually((value) => at(value, 'payload.presence.cursor.x') === cursor.x);
      const stray = (await soFar(outsider)).find((frame) => at(frame.json, 'roomId') !== other);
      check(stray === undefined, 'something of another room came', stray);
    },
  },
];
