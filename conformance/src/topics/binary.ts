import { createHash, randomBytes } from 'node:crypto';
import { aUuid, type Pattern } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ack, anId, ask, check, enter, error, expectNothing, pair, subscribe, type Member } from './steps.js';

const TYPES = [
  [1, 'broadcast'],
  [2, 'direct_message'],
  [3, 'file_transfer'],
  [4, 'stream_data'],
] as const;
const UNKNOWN_USER = '0190a000-0000-7000-8000-000000000000';

export const binary: readonly Scenario[] = [
  {
    rules: ['BN1', 'BN2'],
    title: 'each of the four types is acknowledged with size, type and SHA-256, also when empty or large',
    async run(context) {
      const member = await enter(context, await context.user());
      for (const [type, name] of TYPES) {
        for (const body of [Buffer.alloc(0), Buffer.from('bytes'), randomBytes(70_000)]) {
          member.client.sendBinary(frame(type, body));
          await member.client.expect(received(name, body));
        }
      }
    },
  },
  {
    rules: ['BN1', 'BN2'],
    title: 'the length is in network order',
    async run(context) {
      const member = await enter(context, await context.user());
      const little = frame(1, randomBytes(300));
      little.writeUInt32LE(300, 1);
      member.client.sendBinary(little);
      await member.client.expect(error(400, { field: 'frame.length' }));
    },
  },
  {
    rules: ['BN3', 'ER2'],
    title: 'too short, of unknown type or of another length than it says: Error 400 names what',
    async run(context) {
      const member = await enter(context, await context.user());
      const body = Buffer.from('12345');
      const wrong = [
        [Buffer.alloc(0), 'frame'],
        [Buffer.from([1, 0, 0, 0]), 'frame'],
        [frame(0, body), 'frame.type'],
        [frame(5, body), 'frame.type'],
        [frame(255, body), 'frame.type'],
        [frame(1, body).subarray(0, 9), 'frame.length'],
        [Buffer.concat([frame(1, body), Buffer.alloc(1)]), 'frame.length'],
      ] as const;
      for (const [bytes, field] of wrong) {
        member.client.sendBinary(bytes);
        await member.client.expect(error(400, { field }));
      }
      member.client.sendBinary(frame(1, body));
      await member.client.expect(received('broadcast', body));
    },
  },
  ...TYPES.map(([type, name]): Scenario => ({
    rules: ['BN4', 'BN5'],
    title: `${name} on a route to a topic: Binary, directly followed by the frame`,
    users: 2,
    async run(context) {
      const [sender, receiver] = await pair(context);
      const topic = context.topic();
      await subscribe(receiver, topic);
      await route(sender, { type: name, topic, name: 'a.png' });
      for (const body of [Buffer.alloc(0), randomBytes(100_000)]) {
        sender.client.sendBinary(frame(type, body));
        await sender.client.expect(received(name, body));
        await receiver.client.expect({
          type: 'Binary',
          data: { ...described(name, body), from_user: sender.user.id, topic, name: 'a.png' },
        });
        const copy = await receiver.client.expectBinary();
        check(copy.equals(frame(type, body)), 'the frame was changed on its way');
      }
    },
  })),
  {
    rules: ['BN4', 'BN5'],
    title: 'on a route to a user, by id: reaches their connections',
    users: 2,
    async run(context) {
      const [sender, receiver] = await pair(context);
      const body = randomBytes(20);
      await route(sender, { type: 'direct_message', target_user: receiver.user.id });
      sender.client.sendBinary(frame(2, body));
      await sender.client.expect(received('direct_message', body));
      await receiver.client.expect({
        type: 'Binary',
        data: { ...described('direct_message', body), from_user: sender.user.id, topic: undefined },
      });
      check((await receiver.client.expectBinary()).equals(frame(2, body)), 'the frame was changed on its way');
    },
  },
  {
    rules: ['BN4'],
    title: 'a route is for its type and connection only, the newest holds, and without a target there is none',
    users: 2,
    async run(context) {
      const [sender, receiver] = await pair(context);
      const other = await enter(context, sender.user);
      const [old, topic] = [context.topic('old'), context.topic('new')];
      await subscribe(receiver, old, topic);
      await route(sender, { type: 'stream_data', topic: old });
      await route(sender, { type: 'stream_data', topic });
      const send = async (member: Member, type: number, name: string, body: Buffer): Promise<void> => {
        member.client.sendBinary(frame(type, body));
        await member.client.expect(received(name, body));
      };
      await send(sender, 1, 'broadcast', Buffer.from('another type'));
      await send(other, 4, 'stream_data', Buffer.from('another connection'));
      const body = Buffer.from('routed');
      await send(sender, 4, 'stream_data', body);
      await receiver.client.expect({ type: 'Binary', data: { topic, ...described('stream_data', body) } });
      await receiver.client.expectBinary();
      await route(sender, { type: 'stream_data' });
      await send(sender, 4, 'stream_data', body);
      await expectNothing(receiver, 'a frame came whose route was removed');
    },
  },
  {
    rules: ['BN4', 'ER2'],
    title: 'a route with both targets, a bad topic or an unknown type answers Error 400',
    async run(context) {
      const member = await enter(context, await context.user());
      const wrong = [
        [{ type: 'broadcast', topic: 'a', target_user: member.user.id }, 'data.target_user'],
        [{ type: 'broadcast', topic: 'a.*' }, 'data.topic'],
        [{ type: 'movie', topic: 'a' }, 'data.type'],
      ] as const;
      for (const [data, field] of wrong) {
        const id = anId();
        await ask(member, { type: 'BinaryRoute', data, id }, error(400, { field, message_id: id }));
      }
    },
  },
  {
    rules: ['BN6'],
    title: 'what goes wrong on the route is told after the acknowledgement',
    users: 2,
    needs: ['rest'],
    async run(context) {
      const member = await enter(context, await context.user());
      const away = await context.user({ fresh: true });
      const body = Buffer.from('bytes');
      await route(member, { type: 'broadcast', topic: 'notifications' });
      await route(member, { type: 'direct_message', target_user: away.id });
      member.client.sendBinary(frame(1, body));
      await member.client.expect(received('broadcast', body));
      await member.client.expect(error(403));
      member.client.sendBinary(frame(2, body));
      await member.client.expect(received('direct_message', body));
      await member.client.expect(error(404, { queued: true }));
      const receiver = await enter(context, away, { gateway: 2 });
      await receiver.client.expect({ type: 'Binary', data: described('direct_message', body) });
      check((await receiver.client.expectBinary()).equals(frame(2, body)), 'what waited was changed');
    },
  },
  {
    rules: ['BN6', 'UP15'],
    title: 'a route to an unknown user answers Error 404',
    async run(context) {
      const member = await enter(context, await context.user());
      const id = anId();
      const data = { type: 'file_transfer', target_user: UNKNOWN_USER };
      member.client.send({ type: 'BinaryRoute', data, id });
      const body = Buffer.from('x');
      const first = await member.client.message();
      // The user may be looked up when the route is set or when a frame goes there; either way it is a 404.
      if (!first.text.includes('"code":404')) {
        await member.client.eventually(ack(id));
        member.client.sendBinary(frame(3, body));
        await member.client.expect(received('file_transfer', body));
        await member.client.expect(error(404, { queued: false }));
      }
    },
  },
];

/** One byte of type, the length in network order, the payload. */
function frame(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(type, 0);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

function checksumOf(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

function received(type: string, body: Buffer): Pattern {
  const details = { size: body.length, type, checksum: checksumOf(body) };
  return { type: 'Status', data: { status: 'binary_received', details } };
}

function described(type: string, body: Buffer) {
  return { type, size: body.length, checksum: checksumOf(body), message_id: aUuid };
}

async function route(member: Member, data: { readonly type: string; readonly [field: string]: string }): Promise<void> {
  const id = anId();
  const status = { type: 'Status', data: { status: 'binary_routed', details: data } };
  await ask(member, { type: 'BinaryRoute', data, id }, status);
  await member.client.expect(ack(id));
}
