import type { Scenario } from '../scenario.js';
import { check, connect, enter, joining, makeParty, message, refusal, welcomed } from './steps.js';

const bad: readonly (readonly [text: string, field: string])[] = [
  ['{"type":', 'frame'],
  ['[1]', 'frame'],
  ['"join"', 'frame'],
  ['{"timestamp":1}', 'type'],
  ['{"type":7,"timestamp":1}', 'type'],
  ['{"type":"dance","timestamp":1}', 'type'],
  ['{"type":"welcome","timestamp":1}', 'type'],
  ['{"type":"ping"}', 'timestamp'],
  ['{"type":"ping","timestamp":"now"}', 'timestamp'],
  ['{"type":"kick","timestamp":1}', 'memberId'],
  ['{"type":"join","timestamp":1}', 'sessionId'],
];

export const malformed: readonly Scenario[] = [
  {
    rules: ['FM1', 'FM2', 'FM3'],
    title: 'bad messages are answered with what was wrong, and the connection goes on',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const { client } = await enter(context, await makeParty(context));
      for (const [text, field] of bad) {
        client.sendText(text);
        const frame = await client.expect(refusal('invalid_message', { field }));
        check(frame.text.includes(`"message":"${field}: `), 'the text does not name the field', frame);
      }
      client.sendBinary(Uint8Array.from([1, 2, 3]));
      await client.expect(refusal('invalid_message', { field: 'frame' }));
      client.send({ type: 'ping', timestamp: 1, unknown: { fields: ['are', 'ignored'] } });
      await client.expect({ type: 'pong', timestamp: 1 });
    },
  },
  {
    rules: ['FM2', 'JN10'],
    title: 'a join whose texts nobody could keep is refused with their path; the next one goes through',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const client = await connect(context, { gateway: 2 });
      for (const text of ['', 'a\0b', '\ud800', 'x'.repeat(129)]) {
        for (const field of ['id', 'name']) {
          const deviceInfo = { id: 'phone', name: 'A phone', type: 'client', [field]: text };
          client.send(message('join', { sessionId: party.id, deviceInfo }));
          await client.expect(refusal('invalid_message', { field: `deviceInfo.${field}` }));
        }
      }
      client.send(joining(party.id, '\u{1f4f1}'));
      await welcomed(client, '\u{1f4f1}');
    },
  },
  {
    rules: ['FM2', 'HS4'],
    title: 'before a join too: 20 within 10 s close with 1008',
    users: 0,
    async run(context) {
      const client = await connect(context, { gateway: 2 });
      for (let n = 0; n < 20; n++) client.send(message('heartbeat'));
      check((await client.ended()).closed.code === 1008, 'not closed with 1008');
    },
  },
  {
    rules: ['FM4'],
    title: 'too many messages close with 1008',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const { client } = await enter(context, await makeParty(context));
      for (let n = 0; n < context.settings.limits.burst * 2; n++) client.send(message('heartbeat'));
      const { closed } = await client.ended(15_000);
      check(closed.code === 1008 && closed.reason === 'too many messages', `${closed.code} ${closed.reason}`);
    },
  },
  {
    rules: ['FM6'],
    title: 'a frame over the limit closes with 1009, one that is not UTF-8 with 1007',
    needs: ['rest'],
    users: 0,
    async run(context) {
      const party = await makeParty(context);
      const large = await enter(context, party);
      large.client.sendText(
        JSON.stringify(message('leave', { reason: 'x'.repeat(context.settings.limits.frameBytes) })),
      );
      check((await large.client.ended()).closed.code === 1009, 'not closed with 1009');
      const client = await connect(context);
      client.send(joining(party.id, 'latin'));
      await welcomed(client, 'latin');
      client.socket.send(Buffer.from([0x7b, 0xff, 0x7d]), { binary: false });
      check((await client.ended()).closed.code === 1007, 'not closed with 1007');
    },
  },
];
