import { at, oneOf } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ask, check, enter, event, joinVoice, numberAt, post, settle, signalTo, soFar, strangers } from './steps.js';

const MISSED = 5;

export const recovery: readonly Scenario[] = [
  {
    rules: ['RS1', 'RS2', 'RS5', 'RS6', 'DN7'],
    title: 'who reconnects to the other gateway with ?since= gets what was missed, in order, before anything live',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      const [one, two] = [await settle(context, alice, bob), await settle(context, alice, bob)];
      const before = await enter(context, bob);
      const sender = await enter(context, alice);
      const seen = await post(context, alice, one.text, 'seen');
      const frame = await before.client.expect(event('MESSAGE_CREATE', { id: seen }));
      const since = Math.max(numberAt(before.ready, 'd.sequence'), numberAt(frame, 's'));
      before.client.drop();
      sender.client.send({ op: 'PRESENCE_UPDATE', d: { status: 'idle' } });
      const missed: string[] = [];
      for (let n = 0; n < MISSED; n++) {
        missed.push(await post(context, alice, n % 2 === 0 ? one.text : two.text, `missed ${n}`));
      }
      await ask(context, alice, ['DELETE', `/messages/${missed[0] ?? ''}`, 204]);
      // All of it is out: channels have no order among them, and the live one is to come last.
      const told = { op: 'DISPATCH', t: oneOf('MESSAGE_CREATE', 'MESSAGE_DELETE') };
      for (let n = 0; n < MISSED + 2; n++) await sender.client.eventually(told);
      const query = { since: String(since) };
      const after = await enter(context, bob, { gateway: 2, query, everything: true });
      check(at(after.ready.json, 'd.resumed') === true, 'READY does not say resumed: true', after.ready);
      check(
        numberAt(after.ready, 'd.sequence') === since,
        'READY’s sequence is past what is still to come',
        after.ready,
      );
      const live = await post(context, alice, two.text, 'live');
      const frames = await after.client.collectUntil(event('MESSAGE_CREATE', { id: live }));
      const created = frames.filter((one) => at(one.json, 't') === 'MESSAGE_CREATE').map((one) => at(one.json, 'd.id'));
      const wanted = [...missed, live];
      check(
        JSON.stringify([...created].sort()) === JSON.stringify([...wanted].sort()) && created.at(-1) === live,
        `came: ${created.join(', ')}; missed: ${wanted.join(', ')}`,
      );
      const creation = frames.findIndex((one) => at(one.json, 'd.id') === missed[0]);
      const deletion = frames.findIndex((one) => at(one.json, 't') === 'MESSAGE_DELETE');
      check(deletion > creation && creation >= 0, 'a deletion came before its message, or not at all');
      const perServer = [one.text, two.text].map((channel) =>
        frames.filter((one) => at(one.json, 'd.channel_id') === channel).map((one) => numberAt(one, 's')),
      );
      for (const numbers of perServer) {
        check([...numbers].sort((a, b) => a - b).join() === numbers.join(), `s does not grow: ${numbers.join()}`);
      }
      const stray = frames.find((one) => at(one.json, 't') === 'PRESENCE_UPDATE');
      check(stray === undefined, 'a missed presence was repeated', stray);
    },
  },
  {
    rules: ['RS1', 'RS2', 'RS5'],
    title: 'who missed nothing gets READY with resumed: true, and nothing again',
    needs: ['rest'],
    async run(context) {
      const [alice] = await strangers(context, 1);
      const place = await settle(context, alice);
      const first = await enter(context, alice);
      check(at(first.ready.json, 'd.resumed') === undefined, 'resumed without having asked', first.ready);
      const id = await post(context, alice, place.text, 'seen');
      const since = numberAt(await first.client.expect(event('MESSAGE_CREATE', { id })), 's');
      await first.client.close();
      const again = await enter(context, alice, { gateway: 2, query: { since: String(since) } });
      check(at(again.ready.json, 'd.resumed') === true, 'READY does not say resumed: true', again.ready);
      check(numberAt(again.ready, 'd.sequence') >= since, 'READY goes back', again.ready);
      check(numberAt(again.ready, 'd.servers.0.sequence') >= since, 'the server goes back', again.ready);
      const [stray] = await soFar(again);
      check(stray === undefined, 'something seen came again', stray);
    },
  },
  {
    rules: ['RS3'],
    title: 'a since that is no number, or was never reached: resumed: false, and the live goes on',
    needs: ['rest'],
    async run(context) {
      const [alice] = await strangers(context, 1);
      const place = await settle(context, alice);
      for (const since of ['x', '', '-1', '1.5', '999999999999']) {
        const member = await enter(context, alice, { gateway: 2, query: { since } });
        check(at(member.ready.json, 'd.resumed') === false, `since=${since} was taken`, member.ready);
        const id = await post(context, alice, place.text, 'live');
        await member.client.eventually(event('MESSAGE_CREATE', { id }));
        await member.client.close();
      }
    },
  },
  {
    rules: ['RS4'],
    title: 'signals of the last seconds are recovered by who comes back into the call',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      const place = await settle(context, alice, bob);
      const sender = await enter(context, alice);
      const target = await enter(context, bob);
      await joinVoice(context, alice, place.voice);
      await joinVoice(context, bob, place.voice);
      const joined = await target.client.eventually(event('VOICE_STATE_UPDATE', { user_id: bob.id }));
      target.client.drop();
      sender.client.send(signalTo(bob, { type: 'offer', sdp: 'v=0' }));
      await soFar(sender);
      const query = { since: String(numberAt(joined, 's')) };
      const again = await enter(context, bob, { gateway: 2, query });
      await again.client.eventually(event('VOICE_SIGNAL', { from_user_id: alice.id, signal: { type: 'offer' } }));
    },
  },
];
