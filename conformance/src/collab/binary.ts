import type { Context } from '../context.js';
import { at } from '../match.js';
import type { Scenario } from '../scenario.js';
import {
  check,
  connected,
  connectWith,
  enter,
  error,
  expectNothing,
  join,
  makeRoom,
  message,
  numberAt,
  presence,
  stringAt,
  together,
  type Member,
} from './steps.js';

const [CURSOR, SELECTION] = [1, 2];
/** Whoever this is: the server knows better. */
const FORGED_USER = 0xdead_beef;

export const binary: readonly Scenario[] = [
  {
    rules: ['BN1', 'BN2', 'BN4', 'BN6'],
    title: 'a cursor of 18 or 26 bytes reaches those who take binary frames as such, with the sender’s own numericId',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { sender, receiver, numericId } = await binaryPair(context);
      const short = { type: CURSOR, x: 1.5, y: -2.25, timestamp: 4_000_000_000 };
      const long = { ...short, x: 3, viewport: [10.5, 20.25] } as const;
      for (const sent of [short, long]) {
        sender.client.sendBinary(frame(sent));
        const bytes = await receiver.client.expectBinary();
        const wanted = frame({ ...sent, user: numericId });
        check(bytes.equals(wanted), `got ${bytes.toString('hex')}, expected ${wanted.toString('hex')}`);
      }
      await expectNothing(sender, 'the sender was told');
    },
  },
  {
    rules: ['BN3', 'BN6'],
    title: 'a selection of 18 bytes, anchor and head, too',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { sender, receiver, numericId } = await binaryPair(context);
      sender.client.sendBinary(frame({ type: SELECTION, x: 3, y: 8, timestamp: 5 }));
      const bytes = await receiver.client.expectBinary();
      check(bytes.length === 18, `it has ${bytes.length} bytes`);
      check(bytes.readUInt16BE(0) === SELECTION && bytes.readUInt32BE(2) === numericId, 'type or user is another');
      check(bytes.readFloatBE(6) === 3 && bytes.readFloatBE(10) === 8, 'anchor or head is another');
      sender.client.send(
        message('selection_change', {
          ranges: [
            { anchor: 1, head: 2 },
            { anchor: 3, head: 4 },
          ],
          color: '',
        }),
      );
      await receiver.client.expect(presence(sender.user, { selection: { ranges: [{ anchor: 1 }, { anchor: 3 }] } }));
    },
  },
  {
    rules: ['BN3', 'BN4', 'DN7'],
    title: 'others get presence_update for binary frames, and who prefers binary gets frames for JSON messages',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { sender, receiver, numericId } = await binaryPair(context);
      const plain = await enter(context, receiver.user, { gateway: 2 });
      await join(plain, sender.roomId);
      const position = { x: 4, y: 5, viewportX: 6, viewportY: 7, timestamp: 8 };
      sender.client.send(message('cursor_move', position));
      await plain.client.eventually(presence(sender.user, { cursor: position }));
      const bytes = await receiver.client.expectBinary();
      const wanted = frame({ type: CURSOR, user: numericId, x: 4, y: 5, timestamp: 8, viewport: [6, 7] });
      check(bytes.equals(wanted), `got ${bytes.toString('hex')}`);
      sender.client.sendBinary(frame({ type: SELECTION, x: 1, y: 2, timestamp: 9 }));
      await plain.client.eventually(presence(sender.user, { selection: { ranges: [{ anchor: 1, head: 2 }] } }));
    },
  },
  {
    rules: ['BN6'],
    title: 'who sends a binary frame gets binary frames from then on',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { one, two } = await together(context);
      const moved = (n: number) => message('cursor_move', { x: n, y: 0, viewportX: 0, viewportY: 0, timestamp: n });
      one.client.send(moved(1));
      await two.client.eventually(presence(one.user, { cursor: { x: 1 } }));
      two.client.sendBinary(frame({ type: CURSOR, x: 9, y: 9, timestamp: 9 }));
      await one.client.eventually(presence(two.user, { cursor: { x: 9, viewportX: undefined } }));
      one.client.send(moved(2));
      check((await two.client.expectBinary()).readFloatBE(6) === 2, 'another cursor');
    },
  },
  {
    rules: ['BN7'],
    title: 'a timestamp that is too large is given by its low 32 bits',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const { sender, receiver } = await binaryPair(context);
      const timestamp = Date.now();
      sender.client.send(message('cursor_move', { x: 1, y: 2, viewportX: 3, viewportY: 4, timestamp }));
      const given = (await receiver.client.expectBinary()).readUInt32BE(14);
      check(given === timestamp % 0x1_0000_0000, `the timestamp is ${given}`);
    },
  },
  {
    rules: ['BN5', 'ER3'],
    title: 'a frame of another length, of an unknown type or with what is no number: 3001 names it',
    needs: ['rest'],
    async run(context) {
      const member = await enter(context, await context.user());
      await join(member, await makeRoom(context, member.user));
      const good = { type: CURSOR, x: 1, y: 2, timestamp: 3 };
      const wrong = [
        [Buffer.alloc(0), 'frame'],
        [frame(good).subarray(0, 17), 'frame'],
        [Buffer.concat([frame(good), Buffer.alloc(4)]), 'frame'],
        [Buffer.concat([frame(good), Buffer.alloc(9)]), 'frame'],
        [frame({ ...good, type: 0 }), 'frame.type'],
        [frame({ ...good, type: 3 }), 'frame.type'],
        [frame({ ...good, type: 0x0100 }), 'frame.type'],
        [frame({ ...good, x: NaN }), 'frame.x'],
        [frame({ ...good, y: Infinity }), 'frame.y'],
        [frame({ ...good, viewport: [NaN, 0] }), 'frame.viewportX'],
        [frame({ ...good, viewport: [0, -Infinity] }), 'frame.viewportY'],
      ] as const;
      for (const [bytes, field] of wrong) {
        member.client.sendBinary(bytes);
        await member.client.expect(error(3001, { field }));
      }
      member.client.sendBinary(frame(good));
      await expectNothing(member, 'a good frame was refused');
    },
  },
];

interface BinaryPosition {
  readonly type: number;
  readonly user?: number;
  readonly x: number;
  readonly y: number;
  readonly timestamp: number;
  readonly viewport?: readonly [number, number];
}

/** As the document draws it, big endian. */
function frame({ type, user = FORGED_USER, x, y, timestamp, viewport }: BinaryPosition): Buffer {
  const bytes = Buffer.alloc(viewport === undefined ? 18 : 26);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt32BE(user, 2);
  bytes.writeFloatBE(x, 6);
  bytes.writeFloatBE(y, 10);
  bytes.writeUInt32BE(timestamp, 14);
  if (viewport !== undefined) {
    bytes.writeFloatBE(viewport[0], 18);
    bytes.writeFloatBE(viewport[1], 22);
  }
  return bytes;
}

/** A sender on one gateway, and on the other a receiver that has asked for binary frames. */
async function binaryPair(context: Context): Promise<{
  readonly sender: Member & { readonly roomId: string };
  readonly receiver: Member;
  readonly numericId: number;
}> {
  const [owner, other] = await context.users(2);
  const roomId = await makeRoom(context, owner, {}, [[other, 'viewer']]);
  const sender = await enter(context, owner);
  const joined = await join(sender, roomId);
  const numericId = numberAt(joined, 'payload.participants.0.numericId');
  const client = await context.openUrl(context.urlOf(2));
  client.send(connectWith(other, { binary: true }));
  const connectionId = stringAt(await client.expect(connected), 'payload.connectionId');
  const receiver = { client, user: other, connectionId };
  await join(receiver, roomId);
  const arrived = await sender.client.eventually(presence(other, { status: 'online' }));
  check(at(arrived.json, 'payload.presence.numericId') !== numericId, 'two users have the same number', arrived);
  return { sender: { ...sender, roomId }, receiver, numericId };
}
