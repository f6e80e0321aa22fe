import { anIsoTime, difference } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ask, check, enter, event, joinVoice, post, settle, statusOf, strangers } from './steps.js';

/** What clients of the original server write and read, beyond the document. Asked for with `--profile together`. */
export const together: readonly Scenario[] = [
  {
    rules: ['UP2'],
    title: 'together: a heartbeat with t and d null is answered',
    needs: ['together'],
    async run(context) {
      const { client } = await enter(context, await context.user());
      client.sendText('{"op":"HEARTBEAT","t":null,"d":null}');
      const frame = await client.expect({ op: 'HEARTBEAT_ACK' });
      const differing = difference({ op: 'HEARTBEAT_ACK', t: null, d: null }, frame.json, { exact: true });
      check(differing === undefined, differing ?? '', frame);
    },
  },
  {
    rules: ['UP4'],
    title: 'together: away is told as idle',
    needs: ['rest', 'together'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      await settle(context, alice, bob);
      const watcher = await enter(context, bob, { gateway: 2 });
      const member = await enter(context, alice);
      member.client.sendText('{"op":"PRESENCE_UPDATE","t":null,"d":{"status":"away"}}');
      await watcher.client.eventually(statusOf(alice, 'idle'));
    },
  },
  {
    rules: ['UP6', 'DN5'],
    title: 'together: type, sdp and candidate beside to_user_id are the signal',
    needs: ['rest', 'together'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      const place = await settle(context, alice, bob);
      const [sender, target] = [await enter(context, alice), await enter(context, bob, { gateway: 2 })];
      await joinVoice(context, alice, place.voice);
      await joinVoice(context, bob, place.voice);
      for (const [written, signal] of [
        ['"type":"offer","sdp":"v=0\\r\\n"', '{"type":"offer","sdp":"v=0\\r\\n"}'],
        ['"type":"candidate","candidate":{ "sdpMid":"0" }', '{"type":"candidate","candidate":{ "sdpMid":"0" }}'],
      ] as const) {
        sender.client.sendText(`{"op":"VOICE_SIGNAL","t":null,"d":{"to_user_id":"${bob.id}",${written}}}`);
        const frame = await target.client.eventually(event('VOICE_SIGNAL', { from_user_id: alice.id }));
        check(frame.text.includes(`"signal":${signal}`), `the signal was ${signal}`, frame);
      }
    },
  },
  {
    rules: ['DN4'],
    title: 'together: self_mute and self_deaf are taken and told, with username and joined_at',
    needs: ['rest', 'together'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      const place = await settle(context, alice, bob);
      const watcher = await enter(context, bob, { gateway: 2 });
      const path = `/channels/${place.voice}/voice`;
      await joinVoice(context, alice, place.voice, { self_mute: true });
      await ask(context, alice, ['PATCH', path, 200], { self_mute: false, self_deaf: true });
      const who = { user_id: alice.id, username: alice.name, joined_at: anIsoTime, channel_id: place.voice };
      for (const [muted, deafened] of [
        [true, false],
        [false, true],
      ] as const) {
        const d = { ...who, muted, deafened, self_mute: muted, self_deaf: deafened };
        await watcher.client.expect(event('VOICE_STATE_UPDATE', d));
      }
    },
  },
  {
    rules: ['DN1'],
    title: 'together: edited_at is updated_at by its older name',
    needs: ['rest', 'together'],
    async run(context) {
      const [alice] = await strangers(context, 1);
      const place = await settle(context, alice);
      const { client } = await enter(context, alice);
      const id = await post(context, alice, place.text, 'one');
      await client.expect(event('MESSAGE_CREATE', { id, edited_at: null, updated_at: null }));
      await ask(context, alice, ['PATCH', `/messages/${id}`, 200], { content: 'two' });
      await client.expect(event('MESSAGE_UPDATE', { id, edited_at: anIsoTime, updated_at: anIsoTime }));
    },
  },
];
