import type { Scenario } from '../scenario.js';
import { at } from '../match.js';
import { check, enter, event, listAt, post, settle, strangers } from './steps.js';

const REASON_BYTES = 123;
const SOMEBODY = '01890a5d-ac96-774b-bcce-b302099a8057';

/** A frame that is bad input, and the path that the reason has to name. */
const badFrames: readonly (readonly [frame: string, path: string])[] = [
  ['nope', 'frame'],
  ['{"op":', 'frame'],
  ['[]', 'frame'],
  ['null', 'frame'],
  ['{}', 'op'],
  ['{"op":5}', 'op'],
  ['{"op":"SING"}', 'op'],
  ['{"op":"toString"}', 'op'],
  ['{"op":"DISPATCH","t":"READY","d":{}}', 'op'],
  ['{"op":"HEARTBEAT_ACK"}', 'op'],
  ['{"op":"HEARTBEAT","d":5}', 'd'],
  ['{"op":"HEARTBEAT","t":5}', 't'],
  ['{"op":"PRESENCE_UPDATE"}', 'd'],
  ['{"op":"PRESENCE_UPDATE","d":{"status":"asleep"}}', 'd.status'],
  ['{"op":"PRESENCE_UPDATE","d":{}}', 'd.status'],
  ['{"op":"VOICE_SIGNAL","d":{"signal":{}}}', 'd.to_user_id'],
  ['{"op":"VOICE_SIGNAL","d":{"to_user_id":"bob","signal":{}}}', 'd.to_user_id'],
  [`{"op":"VOICE_SIGNAL","d":{"to_user_id":"${SOMEBODY}"}}`, 'd.signal'],
  ['{"op":"AUTH","d":{"token":5}}', 'd.token'],
  [`{"op":"${'ä'.repeat(400)}"}`, 'op'],
];

export const errors: readonly Scenario[] = [
  {
    rules: ['ER1', 'UP1'],
    title: 'bad input closes with 4002, and the reason names the path',
    async run(context) {
      const user = await context.user();
      for (const [index, [frame, path]] of badFrames.entries()) {
        const { client } = await enter(context, user, { gateway: index % 2 === 0 ? 1 : 2 });
        client.sendText(frame);
        const { reason } = await client.expectClose(4002);
        check(reason.startsWith(`${path}: `), `${frame.slice(0, 80)} was closed with the reason "${reason}"`);
        check(Buffer.byteLength(reason) <= REASON_BYTES, 'the reason is too long for a close frame');
      }
    },
  },
  {
    rules: ['ER1'],
    title: 'a binary frame closes with 4002',
    async run(context) {
      const { client } = await enter(context, await context.user());
      client.sendBinary(Buffer.from('{"op":"HEARTBEAT"}'));
      const { reason } = await client.expectClose(4002);
      check(reason.startsWith('frame: '), `the reason is "${reason}"`);
    },
  },
  {
    rules: ['ER4'],
    title: 'a frame over the limit closes with 1009, one at the limit does not',
    async run(context) {
      const { client } = await enter(context, await context.user());
      const [head, tail] = ['{"op":"HEARTBEAT","d":{"more":"', '"}}'];
      const frame = (bytes: number): string => `${head}${'x'.repeat(bytes - head.length - tail.length)}${tail}`;
      client.sendText(frame(context.settings.limits.frameBytes));
      await client.expect({ op: 'HEARTBEAT_ACK' });
      client.sendText(frame(context.settings.limits.frameBytes + 1));
      await client.expectClose(1009);
    },
  },
  {
    rules: ['ER4'],
    title: 'an operator ends a connection with 1000',
    needs: ['api-key'],
    async run(context) {
      const [user] = await strangers(context, 1);
      const { client } = await enter(context, user, { gateway: 2 });
      const path = `/admin/connections?user_id=${user.id}`;
      const [connection] = listAt(await context.rest.asServer('GET', path, 200), 'connections');
      await context.rest.asServer('DELETE', `/admin/connections/${String(at(connection, 'connection_id'))}`, 204);
      await client.expectClose(1000);
    },
  },
  {
    rules: ['ER4'],
    title: 'a client that closes with 1000 is answered so',
    async run(context) {
      const { client } = await enter(context, await context.user());
      client.socket.close(1000);
      await client.expectClose(1000);
    },
  },
  {
    rules: ['UP1'],
    title: 'unknown fields are ignored, whatever they are',
    needs: ['rest'],
    async run(context) {
      const [alice] = await strangers(context, 1);
      const place = await settle(context, alice);
      const { client } = await enter(context, alice);
      client.sendText('{"new":[{}],"op":"PRESENCE_UPDATE","t":null,"d":{"status":"idle","__proto__":{"status":5}}}');
      client.sendText('{"op":"HEARTBEAT","constructor":1}');
      await client.expect({ op: 'HEARTBEAT_ACK' });
      const id = await post(context, alice, place.text, '🙂 ?');
      await client.expect(event('MESSAGE_CREATE', { id, content: '🙂 ?' }));
    },
  },
];
