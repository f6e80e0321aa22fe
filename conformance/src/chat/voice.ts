import { anIsoTime, at } from '../match.js';
import type { Scenario } from '../scenario.js';
import { ask, check, enter, event, joinVoice, listAt, refusal, settle, signalTo, soFar, strangers } from './steps.js';

/** Whoever has lost the last connection is still in the channel for so long, and a little. */
const GRACE_MS = 15_000;
const SIGNALS = 40;

export const voice: readonly Scenario[] = [
  {
    rules: ['DN4', 'DN7', 'DN8'],
    title: 'join, mute and leave reach every member on both gateways, in this order',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      const place = await settle(context, alice, bob);
      const readers = [await enter(context, bob), await enter(context, alice, { gateway: 2 })];
      const path = `/channels/${place.voice}/voice`;
      await ask(context, alice, ['POST', path, 201], { muted: true });
      await ask(context, alice, ['PATCH', path, 200], { muted: false, deafened: true });
      const present = listAt(await ask(context, bob, ['GET', path, 200]), '');
      check(present.length === 1 && present[0]?.['user_id'] === alice.id, `the list has ${present.length} users`);
      await ask(context, alice, ['DELETE', path, 204]);
      const state = { user_id: alice.id, server_id: place.id, joined_at: anIsoTime };
      for (const { client } of readers) {
        for (const d of [
          { channel_id: place.voice, muted: true, deafened: false, self_mute: true, self_deaf: false },
          { channel_id: place.voice, muted: false, deafened: true, self_mute: false, self_deaf: true },
          { channel_id: null },
        ]) {
          await client.expect(event('VOICE_STATE_UPDATE', { ...state, ...d }));
        }
      }
    },
  },
  {
    rules: ['DN4'],
    title: 'joining another channel leaves the first, and its server is told',
    needs: ['rest'],
    users: 3,
    async run(context) {
      const [alice, bob, carol] = await strangers(context, 3);
      const first = await settle(context, bob, alice);
      const second = await settle(context, carol, alice);
      const [left, joined] = [await enter(context, bob), await enter(context, carol, { gateway: 2 })];
      await enter(context, alice);
      await joinVoice(context, alice, first.voice);
      await left.client.expect(event('VOICE_STATE_UPDATE', { user_id: alice.id, channel_id: first.voice }));
      await joinVoice(context, alice, second.voice);
      await left.client.expect(event('VOICE_STATE_UPDATE', { user_id: alice.id, channel_id: null }));
      await joined.client.expect(event('VOICE_STATE_UPDATE', { user_id: alice.id, channel_id: second.voice }));
      const behind = listAt(await ask(context, bob, ['GET', `/channels/${first.voice}/voice`, 200]), '');
      check(behind.length === 0, 'the user is in both channels');
    },
  },
  {
    rules: ['DN4'],
    title: 'who loses the last connection leaves the channel; one of two connections is not the last',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      const place = await settle(context, alice, bob);
      const watcher = await enter(context, bob, { gateway: 2 });
      const [one, two] = [await enter(context, alice), await enter(context, alice, { gateway: 2 })];
      await joinVoice(context, alice, place.voice);
      await watcher.client.expect(event('VOICE_STATE_UPDATE', { channel_id: place.voice }));
      one.client.drop();
      const [stray] = await soFar(watcher);
      check(stray === undefined, 'a user with a connection has left', stray);
      two.client.drop();
      await watcher.client.expect(event('VOICE_STATE_UPDATE', { user_id: alice.id, channel_id: null }), GRACE_MS);
    },
  },
  {
    rules: ['UP5', 'DN5'],
    title: 'signals reach every connection of the target byte for byte, in order',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      const place = await settle(context, alice, bob);
      const sender = await enter(context, alice);
      const targets = [await enter(context, bob), await enter(context, bob, { gateway: 2 })];
      await joinVoice(context, alice, place.voice);
      await joinVoice(context, bob, place.voice);
      const written = [
        '{"type":"offer","sdp":"v=0\\r\\n"}',
        '{ "candidate" : "c 1", "sdpMid":"0","sdpMLineIndex":0 }',
        '{"b":1.0,"a":1e3,"n":12345678901234567890,"\\u00e4":"\\/"}',
        '[1, [2]]',
        '"text"',
        'null',
        '0.10',
      ];
      for (const signal of written) {
        sender.client.sendText(`{"op":"VOICE_SIGNAL","d":{"to_user_id":"${bob.id}","signal":${signal}}}`);
      }
      for (let n = 0; n < SIGNALS; n++) sender.client.send(signalTo(bob, { n }));
      const mine = event('VOICE_SIGNAL', { from_user_id: alice.id });
      for (const { client } of targets) {
        for (const signal of written) {
          const frame = await client.eventually(mine);
          check(frame.text.includes(`"signal":${signal}`), `the signal was ${signal}`, frame);
        }
        for (let n = 0; n < SIGNALS; n++) {
          const frame = await client.expect(mine);
          check(at(frame.json, 'd.signal.n') === n, `signal ${n} is due`, frame);
        }
      }
    },
  },
  {
    rules: ['UP7', 'DN5'],
    title: 'a signal outside a common voice channel is refused, and reaches nobody',
    needs: ['rest'],
    users: 2,
    async run(context) {
      const [alice, bob] = await strangers(context, 2);
      const place = await settle(context, alice, bob);
      const [sender, target] = [await enter(context, alice), await enter(context, bob, { gateway: 2 })];
      const refused = async (): Promise<void> => {
        sender.client.send(signalTo(bob, { type: 'offer' }));
        await sender.client.eventually(refusal('forbidden', 'VOICE_SIGNAL'));
      };
      await refused();
      await joinVoice(context, alice, place.voice);
      await refused();
      const channel = { name: 'other', type: 'voice' };
      const made = await ask(context, alice, ['POST', `/servers/${place.id}/channels`, 201], channel);
      await joinVoice(context, bob, String(at(made, 'id')));
      await refused();
      const seen = await soFar(target);
      const stray = seen.find((frame) => at(frame.json, 't') === 'VOICE_SIGNAL');
      check(stray === undefined, 'a refused signal arrived', stray);
    },
  },
];
