import { newUserId, type ChannelId, type ServerId, type UserId } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VoiceFixture } from './test/voice-fixture.js';

let fixture: VoiceFixture;
let [server, elsewhere]: readonly ServerId[] = [];
let channel: ChannelId;
let [user, other]: readonly [UserId, UserId] = [newUserId(), newUserId()];

async function begin(recheckMs: string, replicas: number): Promise<void> {
  fixture = await VoiceFixture.start({ PARLEY_VOICE_RECHECK_MS: recheckMs }, replicas);
  [user, other] = [newUserId(), newUserId()];
  server = fixture.messaging.server(user, other);
  elsewhere = fixture.messaging.server(user, other);
  channel = fixture.messaging.channel(server);
  await fixture.join(user, channel);
  await fixture.join(other, channel);
}
afterEach(() => fixture.stop());

const ended = (userId: UserId) => fixture.untilHeard(userId, null, 10_000);

describe('an event', () => {
  // The regular pass comes after ten minutes.
  beforeEach(() => begin('600000', 2));

  it('of a membership that ended ends that state alone', async () => {
    if (server === undefined || elsewhere === undefined) return;
    await fixture.messaging.kick(elsewhere, other);
    await fixture.messaging.kick(server, user);
    await ended(user);
    expect(fixture.pathOf(user)).toEqual([
      [server, channel],
      [server, null],
    ]);
    expect(await fixture.inChannel(other, channel)).toEqual([other]);
  });

  it('of a channel that was deleted ends all states in it', async () => {
    if (server === undefined) return;
    const quiet = fixture.messaging.channel(server);
    const third = newUserId();
    fixture.messaging.join(server, third);
    await fixture.join(third, quiet);
    await fixture.messaging.deleteChannel(channel);
    await Promise.all([ended(user), ended(other)]);
    expect(await fixture.inChannel(third, quiet)).toEqual([third]);
  });

  it('of a server that was deleted ends all states in it', async () => {
    if (server === undefined) return;
    await fixture.messaging.deleteServer(server);
    await Promise.all([ended(user), ended(other)]);
  });

  it('that comes while a joining is under way acts after it', async () => {
    if (elsewhere === undefined) return;
    const there = fixture.messaging.channel(elsewhere);
    let kicked: Promise<void> | undefined;
    // Decided while still a member, answered when the kick has been told.
    fixture.messaging.beforeAnswer = async (userId) => {
      if (userId !== user || kicked !== undefined || elsewhere === undefined) return;
      kicked = fixture.messaging.kick(elsewhere, user);
      await kicked;
    };
    await fixture.join(user, there);
    // The move out of the first channel is an end of its own, so that the last one is not any.
    await waitFor(() => fixture.pathOf(user).length >= 4, 'four announcements');
    expect(fixture.pathOf(user)).toEqual([
      [server, channel],
      [server, null],
      [elsewhere, there],
      [elsewhere, null],
    ]);
  });

  it('is not believed when messaging knows better', async () => {
    if (server === undefined) return;
    const kicking = fixture.messaging.kick(server, user);
    fixture.messaging.join(server, user);
    await kicking;
    await fixture.passes(3);
    expect(await fixture.inChannel(other, channel)).toEqual([user, other]);
  });
});

describe('the regular pass', () => {
  beforeEach(() => begin('200', 2));

  it('finds a membership that ended unheard', async () => {
    if (server === undefined) return;
    await fixture.messaging.kick(server, user, true);
    await ended(user);
    expect(await fixture.inChannel(other, channel)).toEqual([other]);
  });

  it('finds a channel that was deleted unheard', async () => {
    await fixture.messaging.deleteChannel(channel, true);
    await Promise.all([ended(user), ended(other)]);
  });

  it('leaves everybody where they are while messaging is away', async () => {
    if (server === undefined) return;
    await fixture.messaging.kick(server, user, true);
    await fixture.messaging.stop();
    await fixture.passes(10);
    expect(fixture.pathOf(user)).toHaveLength(1);
    fixture.messaging.serve();
    await ended(user);
  });
});
