import { anIsoTime, at } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ask, check, enter, event, idOf, listAt, numberAt, post, settle, strangers } from './steps.js';

const POSTED_AT_ONCE = 12;

export const messages: readonly Scenario[] = [
  {
    rules: ['DN1', 'DN2', 'DN7', 'DN8'],
    title: 'create, edit and delete reach every connection of the members on both gateways, in this order',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      const place = await settle(context, alice, bob);
      const readers = [
        await enter(context, alice),
        await enter(context, bob),
        await enter(context, bob, { gateway: 2 }),
      ];
      const first = await post(context, alice, place.text, 'Hello, everyone!');
      const reply = idOf(
        await ask(context, bob, ['POST', `/channels/${place.text}/messages`, 201], { content: 'Hi', reply_to: first }),
      );
      await ask(context, alice, ['PATCH', `/messages/${first}`, 200], { content: 'Edited' });
      await ask(context, alice, ['DELETE', `/messages/${first}`, 204]);
      const message = { id: first, channel_id: place.text, author_id: alice.id, created_at: anIsoTime };
      for (const { client } of readers) {
        const frames = [
          await client.expect(
            event('MESSAGE_CREATE', { ...message, content: 'Hello, everyone!', updated_at: null, reply_to: null }),
          ),
          await client.expect(event('MESSAGE_CREATE', { id: reply, author_id: bob.id, reply_to: first })),
          await client.expect(event('MESSAGE_UPDATE', { ...message, content: 'Edited', updated_at: anIsoTime })),
          await client.expect(event('MESSAGE_DELETE', { id: first, channel_id: place.text })),
        ];
        const numbers = frames.map((frame) => numberAt(frame, 's'));
        check(
          numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0)),
          `s does not grow: ${numbers.join(', ')}`,
        );
      }
    },
  },
  {
    rules: ['DN1', 'DN7'],
    title: 'messages posted at the same moment come in one order everywhere, which is that of the listing',
    needs: ['rest'],
    users: 3,
    async run(context) {
      const [alice, bob, carol] = await strangers(context, 3);
      const place = await settle(context, alice, bob, carol);
      const readers = [await enter(context, bob), await enter(context, carol, { gateway: 2 })];
      await Promise.all(
        Array.from({ length: POSTED_AT_ONCE }, (_, n) =>
          post(context, [alice, bob, carol][n % 3] ?? alice, place.text, `m${n}`),
        ),
      );
      const listed = listAt(await ask(context, bob, ['GET', `/channels/${place.text}/messages`, 200]), '');
      const order = listed.map((message) => message['id']).reverse();
      check(order.length === POSTED_AT_ONCE, `${order.length} of ${POSTED_AT_ONCE} messages are listed`);
      for (const { client } of readers) {
        for (const id of order) await client.expect(event('MESSAGE_CREATE', { id: String(id) }));
      }
    },
  },
  {
    rules: ['SV1'],
    title: 'who is not a member gets 404 for everything in the server, and no frame',
    needs: ['rest'],
    users: 3,
    async run(context) {
      const [alice, bob, stranger] = await strangers(context, 3);
      const place = await settle(context, alice, bob);
      const outside = await enter(context, stranger, { gateway: 2 });
      const inside = await enter(context, bob);
      const id = await post(context, alice, place.text, 'secret');
      for (const [method, path, body] of [
        ['GET', `/servers/${place.id}`],
        ['GET', `/servers/${place.id}/members`],
        ['GET', `/servers/${place.id}/channels`],
        ['GET', `/servers/${place.id}/channels/${place.text}`],
        ['GET', `/channels/${place.text}/messages`],
        ['POST', `/channels/${place.text}/messages`, { content: 'me too' }],
        ['PATCH', `/messages/${id}`, { content: 'mine' }],
        ['DELETE', `/messages/${id}`],
        ['POST', `/channels/${place.voice}/voice`, {}],
        ['GET', `/channels/${place.voice}/voice`],
        ['PATCH', `/servers/${place.id}`, { name: 'mine' }],
        ['DELETE', `/servers/${place.id}`],
      ] as const) {
        const answer = await ask(context, stranger, [method, path, 404], body);
        check(typeof at(answer, 'error') === 'string', `${method} ${path} does not say what is wrong`);
      }
      await inside.client.expect(event('MESSAGE_CREATE', { id }));
      outside.client.send({ op: 'HEARTBEAT' });
      await outside.client.expect({ op: 'HEARTBEAT_ACK' });
    },
  },
];
