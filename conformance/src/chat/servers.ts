import { at } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ask, check, enter, event, idOf, join, post, settle, soFar, strangers, untilPosted } from './steps.js';

export const servers: readonly Scenario[] = [
  {
    rules: ['SV1', 'SV2'],
    title: 'joining a server takes effect on every open connection, on both gateways, from that moment on',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      const place = await settle(context, alice);
      const readers = [await enter(context, bob), await enter(context, bob, { gateway: 2 })];
      const owner = await enter(context, alice);
      const before = await post(context, alice, place.text, 'before');
      // It is out, rather than answered only.
      await owner.client.expect(event('MESSAGE_CREATE', { id: before }));
      await join(context, bob, place.id);
      // At once: whoever takes notice late must not miss it.
      const id = await post(context, alice, place.text, 'after');
      for (const { client } of readers) await client.expect(event('MESSAGE_CREATE', { id, content: 'after' }));
    },
  },
  {
    rules: ['SV2'],
    title: 'a server that is created while connected is heard of',
    needs: ['rest'],
    async run(context) {
      const [alice] = await strangers(context, 1);
      const member = await enter(context, alice, { gateway: 2 });
      const place = await settle(context, alice);
      const id = await post(context, alice, place.text, 'first');
      await member.client.expect(event('MESSAGE_CREATE', { id }));
    },
  },
  ...(['leaves', 'is kicked from', 'is banned from'] as const).map((how): Scenario => ({
    rules: ['SV3'],
    title: `who ${how} a server gets nothing of it any more`,
    needs: ['rest'],
    users: 3,
    async run(context) {
      const [alice, bob, carol] = await strangers(context, 3);
      const place = await settle(context, alice, bob);
      const other = await settle(context, carol, bob);
      const readers = [await enter(context, bob), await enter(context, bob, { gateway: 2 })];
      const path = `/servers/${place.id}`;
      if (how === 'leaves') await ask(context, bob, ['DELETE', `${path}/leave`, 204]);
      if (how === 'is kicked from') await ask(context, alice, ['DELETE', `${path}/members/${bob.id}`, 204]);
      if (how === 'is banned from') await ask(context, alice, ['PUT', `${path}/bans/${bob.id}`, 204]);
      await ask(context, bob, ['GET', path, 404]);
      if (how === 'is banned from') {
        await context.rest.expect('POST', `${path}/join`, 404, { bearer: bob.token }).catch(async () => {
          await ask(context, bob, ['POST', `${path}/join`, 403]);
        });
      }
      // The gateways are told by the bus; a mark in another server would not tell when.
      for (const reader of readers) await untilPosted(context, carol, other, reader);
      await post(context, alice, place.text, 'not for you');
      for (const reader of readers) {
        const seen = await untilPosted(context, carol, other, reader);
        const stray = seen.find((frame) => at(frame.json, 'd.channel_id') === place.text);
        check(stray === undefined, 'a former member was told', stray);
      }
    },
  })),
  {
    rules: ['SV3'],
    title: 'a deleted server is gone: 404 for its members, and not in the next READY',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      const place = await settle(context, alice, bob);
      const member = await enter(context, bob);
      await ask(context, alice, ['DELETE', `/servers/${place.id}`, 204]);
      await ask(context, bob, ['GET', `/channels/${place.text}/messages`, 404]);
      const again = await enter(context, bob, { gateway: 2 });
      check(!again.ready.text.includes(place.id), 'READY has the deleted server', again.ready);
      const [stray] = await soFar(member);
      check(stray === undefined, 'the end of a server was dispatched', stray);
    },
  },
  {
    rules: ['DN6'],
    title: 'what the document has no event for is not dispatched',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      const place = await settle(context, alice);
      const member = await enter(context, alice, { gateway: 2 });
      await join(context, bob, place.id);
      const path = `/servers/${place.id}`;
      await ask(context, alice, ['PATCH', path, 200], { name: 'Renamed' });
      const extra = idOf(await ask(context, alice, ['POST', `${path}/channels`, 201], { name: 'more', type: 'text' }));
      await ask(context, alice, ['PATCH', `${path}/channels/${extra}`, 200], { topic: 'that' });
      await ask(context, alice, ['DELETE', `${path}/channels/${extra}`, 204]);
      const [stray] = await untilPosted(context, bob, place, member);
      check(stray === undefined, 'an event came that the document does not have', stray);
    },
  },
];
