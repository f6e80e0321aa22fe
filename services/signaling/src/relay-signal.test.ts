import { newUserId, voice, type UserId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { VoiceFixture } from './test/voice-fixture.js';

let fixture: VoiceFixture;
let [alice, bob]: readonly [UserId, UserId] = [newUserId(), newUserId()];

beforeAll(async () => {
  fixture = await VoiceFixture.start({ PARLEY_VOICE_SIGNAL_MAX_BYTES: '2048' }, 2);
});
afterAll(() => fixture.stop());

beforeEach(() => {
  [alice, bob] = [newUserId(), newUserId()];
});

function heardBy(userId: UserId): readonly string[] {
  return fixture.signals.filter(({ toUserId }) => toUserId === userId).map(({ text }) => text);
}

it('goes to the other in the channel, byte for byte, saying from whom and where', async () => {
  const channel = fixture.messaging.channel(fixture.messaging.server(alice, bob));
  await fixture.join(alice, channel);
  await fixture.join(bob, channel);
  // As no serializer of ours would write it.
  const text = '{ "type":"offer",\t"sdp":"v=0\\r\\n", "n":1e2, "é": "\\u00e9", "sdp2": null }';
  expect(await fixture.signal(alice, bob, text)).toEqual({ ok: true, value: {} });
  await waitFor(() => heardBy(bob).length === 1, 'the signal');
  expect(fixture.signals.at(-1)).toEqual({ toUserId: bob, fromUserId: alice, channelId: channel, text });
  expect(heardBy(alice)).toEqual([]);
});

it('keeps the order of each pair, in both directions, among many', async () => {
  const crowd = Array.from({ length: 4 }, newUserId);
  const channel = fixture.messaging.channel(fixture.messaging.server(...crowd));
  for (const user of crowd) await fixture.join(user, channel);
  const count = 12;
  const sent = crowd.flatMap((from, i) =>
    crowd.slice(i + 1).flatMap((to) => [[from, to] as const, [to, from] as const]),
  );
  await Promise.all(
    Array.from({ length: count }, (_, n) => n).flatMap((n) =>
      sent.map(async ([from, to]) => {
        expect(await fixture.signal(from, to, JSON.stringify(n))).toEqual({ ok: true, value: {} });
      }),
    ),
  );
  const expected = Array.from({ length: count }, (_, n) => String(n));
  for (const [from, to] of sent) {
    const pair = () => fixture.signals.filter((heard) => heard.fromUserId === from && heard.toUserId === to);
    await waitFor(() => pair().length === count, 'all of a pair');
    expect(pair().map(({ text }) => text)).toEqual(expected);
  }
});

it('is forbidden unless both are in the same channel, and from the moment that one has left', async () => {
  const server = fixture.messaging.server(alice, bob);
  const [one, two] = [fixture.messaging.channel(server), fixture.messaging.channel(server)];
  const forbidden = { ok: false, error: { code: 'forbidden' } };
  expect(await fixture.signal(alice, bob, '1')).toMatchObject(forbidden);
  await fixture.join(alice, one);
  expect(await fixture.signal(alice, bob, '2')).toMatchObject(forbidden);
  expect(await fixture.signal(bob, alice, '3')).toMatchObject(forbidden);
  await fixture.join(bob, two);
  expect(await fixture.signal(alice, bob, '4')).toMatchObject(forbidden);
  for (let round = 0; round < 20; round++) {
    await fixture.join(bob, one);
    expect(await fixture.signal(alice, bob, `in ${String(round)}`)).toMatchObject({ ok: true });
    await fixture.bus.call(voice.leave, { userId: bob, channelId: one });
    expect(await fixture.signal(alice, bob, 'out')).toMatchObject(forbidden);
  }
  await waitFor(() => heardBy(bob).length === 20, 'those sent in time');
  expect(heardBy(bob)).toEqual(Array.from({ length: 20 }, (_, round) => `in ${String(round)}`));
  expect(heardBy(alice)).toEqual([]);
});

it('has a size limit, and must be there', async () => {
  const channel = fixture.messaging.channel(fixture.messaging.server(alice, bob));
  await fixture.join(alice, channel);
  await fixture.join(bob, channel);
  expect(await fixture.signal(alice, bob, 'x'.repeat(2_048))).toMatchObject({ ok: true });
  expect(await fixture.signal(alice, bob, 'x'.repeat(2_049))).toMatchObject({
    ok: false,
    error: { code: 'too_large' },
  });
  expect(await fixture.bus.call(voice.signal, { userId: alice, toUserId: bob })).toMatchObject({
    ok: false,
    error: { code: 'invalid' },
  });
});
