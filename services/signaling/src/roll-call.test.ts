import { newUserId, voice, type ChannelId, type ServerId, type UserId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VoiceFixture } from './test/voice-fixture.js';

const GRACE = 10_000;
const SETTLE = 3_000;
let fixture: VoiceFixture;
let server: ServerId;
let channel: ChannelId;
let user: UserId;
let witness: UserId;

beforeEach(async () => {
  fixture = await VoiceFixture.start();
  [user, witness] = [newUserId(), newUserId()];
  server = fixture.messaging.server(user, witness);
  channel = fixture.messaging.channel(server);
  await fixture.join(witness, channel);
  await fixture.join(user, channel);
});
afterEach(() => fixture.stop());

/** Time in which presence is asked at every step, as it is in life. */
async function live(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1_000) {
    fixture.pass(1_000);
    await fixture.passes(1);
  }
}

const isThere = async (): Promise<boolean> => (await fixture.inChannel(witness, channel)).includes(user);

describe('one whose last connection is gone', () => {
  it('leaves when the grace is over, not before, and their server hears it once', async () => {
    fixture.pass(60_000);
    fixture.presence.gone(user, fixture.now());
    await live(GRACE - 1_500);
    expect(await isThere()).toBe(true);
    await live(2_000);
    await fixture.untilHeard(user, null);
    expect(fixture.pathOf(user)).toEqual([
      [server, channel],
      [server, null],
    ]);
    expect(await fixture.inChannel(witness, channel)).toEqual([witness]);
  });

  it('stays when they come back within it', async () => {
    fixture.pass(60_000);
    fixture.presence.gone(user, fixture.now());
    await live(GRACE - 2_000);
    fixture.presence.connected(user);
    await live(GRACE);
    expect(await isThere()).toBe(true);
  });

  it('counts from the loss even when it is noticed late, but not without a second look', async () => {
    fixture.pass(60_000);
    fixture.presence.gone(user, fixture.now() - GRACE);
    await fixture.passes(1);
    await live(SETTLE - 1_000);
    expect(await isThere()).toBe(true);
    await live(2_000);
    await fixture.untilHeard(user, null);
  });

  it('is found again by a sweep when joining anew, with a grace of its own', async () => {
    fixture.pass(60_000);
    fixture.presence.gone(user, fixture.now() - 60_000);
    await fixture.passes(1);
    await live(SETTLE + 1_000);
    await fixture.untilHeard(user, null);
    await fixture.join(user, channel);
    await live(GRACE - 2_000);
    expect(await isThere()).toBe(true);
    await live(3_000);
    await waitFor(() => fixture.pathOf(user).length === 4, 'the second leave');
  });
});

it('who joins and never connects leaves after the grace', async () => {
  fixture.presence.gone(user, 0);
  await live(GRACE - 2_000);
  expect(await isThere()).toBe(true);
  await live(3_000);
  await fixture.untilHeard(user, null);
});

describe('doubt', () => {
  it('while presence is away, nobody is thrown out, nor right after it is back', async () => {
    fixture.pass(60_000);
    fixture.presence.gone(user, fixture.now());
    await live(GRACE - 2_000);
    await fixture.presence.stop();
    fixture.pass(60_000);
    // Long enough for questions that nobody answers.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await isThere()).toBe(true);
    fixture.presence.serve();
    await fixture.passes(1);
    await live(SETTLE - 1_000);
    // Their gateway has reported by now.
    fixture.presence.connected(user);
    await live(GRACE);
    expect(await isThere()).toBe(true);
  });

  it('while nobody knows of the user, they stay, and are watched anew', async () => {
    fixture.pass(60_000);
    fixture.presence.gone(user, fixture.now());
    await live(GRACE - 1_000);
    fixture.presence.unknown(user);
    await live(GRACE);
    expect(await isThere()).toBe(true);
    fixture.presence.gone(user, fixture.now() - 2 * GRACE);
    await fixture.passes(1);
    await live(SETTLE - 1_000);
    expect(await isThere()).toBe(true);
    await live(2_000);
    await fixture.untilHeard(user, null);
  });

  it('when NATS was away, the watch begins anew', async () => {
    fixture.pass(60_000);
    fixture.presence.gone(user, fixture.now() - 2 * GRACE);
    await fixture.passes(1);
    await fixture.nats.kill();
    fixture.pass(60_000);
    await fixture.nats.restart();
    await fixture.passes(2);
    expect(await isThere()).toBe(true);
    expect(fixture.pathOf(user)).toHaveLength(1);
    await live(SETTLE + 1_000);
    await fixture.untilHeard(user, null);
  });
});

it('asks of a thousand at a time', async () => {
  const crowd = Array.from({ length: 30 }, newUserId);
  fixture.messaging.join(server, ...crowd);
  await Promise.all(crowd.map((one) => fixture.join(one, channel)));
  await fixture.passes(2);
  expect(fixture.presence.largest).toBe(32);
  const left = await fixture.bus.call(voice.leave, { userId: user, channelId: channel });
  expect(left.ok).toBe(true);
});
