import { newChannelId, newUserId, voice } from '@parley/contracts';
import { waitFor } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameOf, valueOf, VoiceFixture } from './test/voice-fixture.js';

let fixture: VoiceFixture;

beforeAll(async () => {
  fixture = await VoiceFixture.start({ PARLEY_VOICE_CHANNEL_USERS_MAX: '4' }, 2);
});
afterAll(() => fixture.stop());

describe('joining', () => {
  it('answers the state and tells the server', async () => {
    const user = newUserId();
    const server = fixture.messaging.server(user);
    const channel = fixture.messaging.channel(server);
    const state = await fixture.join(user, channel, { muted: true });
    expect(state).toEqual({
      userId: user,
      username: nameOf(user),
      serverId: server,
      channelId: channel,
      muted: true,
      deafened: false,
      joinedAt: new Date(fixture.now()).toISOString(),
    });
    await fixture.untilHeard(user, channel);
    expect(fixture.heard.filter(({ userId }) => userId === user)).toEqual([state]);
  });

  it('again changes nothing, and is announced only when a flag differs', async () => {
    const user = newUserId();
    const channel = fixture.messaging.channel(fixture.messaging.server(user));
    const first = await fixture.join(user, channel, { deafened: true });
    expect(await fixture.join(user, channel)).toEqual(first);
    expect(await fixture.join(user, channel, { muted: true })).toEqual({ ...first, muted: true });
    await waitFor(() => fixture.pathOf(user).length === 2, 'two announcements');
    expect(fixture.heard.filter(({ userId }) => userId === user)).toEqual([first, { ...first, muted: true }]);
  });

  it('is refused in text channels, and to who is no member', async () => {
    const [member, stranger] = [newUserId(), newUserId()];
    const server = fixture.messaging.server(member);
    const [text, lounge] = [fixture.messaging.channel(server, 'text'), fixture.messaging.channel(server)];
    expect(await fixture.ask(member, text)).toMatchObject({
      ok: false,
      error: { code: 'invalid', message: 'Channel is not a voice channel' },
    });
    expect(await fixture.ask(stranger, lounge)).toMatchObject({ ok: false, error: { code: 'not_found' } });
    expect(await fixture.ask(member, newChannelId())).toMatchObject({ ok: false, error: { code: 'not_found' } });
  });

  it('a full channel is refused, even to a crowd at the door; who was elsewhere stays there', async () => {
    const first = newUserId();
    const crowd = Array.from({ length: 11 }, newUserId);
    const server = fixture.messaging.server(first, ...crowd);
    const [before, full] = [fixture.messaging.channel(server), fixture.messaging.channel(server)];
    await fixture.join(first, before);
    const answers = await Promise.all(crowd.map((user) => fixture.ask(user, full)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(4);
    for (const answer of answers.filter(({ ok }) => !ok)) {
      expect(answer).toMatchObject({ error: { code: 'limit_exceeded' } });
    }
    expect(await fixture.ask(first, full)).toMatchObject({ ok: false, error: { code: 'limit_exceeded' } });
    expect(await fixture.inChannel(first, before)).toEqual([first]);
    expect(await fixture.inChannel(first, full)).toHaveLength(4);
  });
});

describe('moving', () => {
  it('to another server: the old one hears the leave before the new one hears the join', async () => {
    const user = newUserId();
    const [one, two] = [fixture.messaging.server(user), fixture.messaging.server(user)];
    const [a, b] = [fixture.messaging.channel(one), fixture.messaging.channel(two)];
    await fixture.join(user, a, { muted: true });
    expect(await fixture.join(user, b)).toMatchObject({ serverId: two, channelId: b, muted: false });
    await fixture.untilHeard(user, b);
    expect(fixture.pathOf(user)).toEqual([
      [one, a],
      [one, null],
      [two, b],
    ]);
    expect(await fixture.inChannel(user, a)).toEqual([]);
    expect(await fixture.inChannel(user, b)).toEqual([user]);
  });

  it('within a server is one announcement', async () => {
    const user = newUserId();
    const server = fixture.messaging.server(user);
    const [a, b] = [fixture.messaging.channel(server), fixture.messaging.channel(server)];
    await fixture.join(user, a);
    await fixture.join(user, b);
    await fixture.untilHeard(user, b);
    expect(fixture.pathOf(user)).toEqual([
      [server, a],
      [server, b],
    ]);
  });

  it('from several devices at once ends in one channel, and the announcements tell one story', async () => {
    const user = newUserId();
    const servers = Array.from({ length: 6 }, () => fixture.messaging.server(user));
    const channels = servers.map((server) => fixture.messaging.channel(server));
    const answers = await Promise.all(channels.map((channel) => fixture.ask(user, channel)));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    await waitFor(() => fixture.pathOf(user).length === 11, 'six joins and five leaves');
    const path = fixture.pathOf(user);
    // A join, then always the leave from just there and the next join.
    for (let step = 1; step < path.length; step += 2) {
      expect(path[step]).toEqual([path[step - 1]?.[0], null]);
    }
    const last = path.at(-1)?.[1];
    const occupied = await Promise.all(channels.map((channel) => fixture.inChannel(user, channel)));
    expect(occupied.map((users) => users.length)).toEqual(channels.map((channel) => (channel === last ? 1 : 0)));
  });
});

describe('updating', () => {
  it('announces what changed, and nothing when nothing did', async () => {
    const user = newUserId();
    const channelId = fixture.messaging.channel(fixture.messaging.server(user));
    const state = await fixture.join(user, channelId);
    const update = async (flags: { muted?: boolean; deafened?: boolean }) =>
      valueOf(await fixture.bus.call(voice.update, { userId: user, channelId, ...flags }));
    expect(await update({ muted: true })).toEqual({ ...state, muted: true });
    expect(await update({ muted: true })).toEqual({ ...state, muted: true });
    expect(await update({ deafened: true })).toEqual({ ...state, muted: true, deafened: true });
    await waitFor(() => fixture.pathOf(user).length === 3, 'three announcements');
    const flags = fixture.heard.filter(({ userId }) => userId === user).map((heard) => [heard.muted, heard.deafened]);
    expect(flags).toEqual([
      [false, false],
      [true, false],
      [true, true],
    ]);
  });

  it('and leaving are refused elsewhere', async () => {
    const user = newUserId();
    const server = fixture.messaging.server(user);
    const [a, b] = [fixture.messaging.channel(server), fixture.messaging.channel(server)];
    const refused = { ok: false, error: { code: 'not_found' } };
    expect(await fixture.bus.call(voice.update, { userId: user, channelId: a, muted: true })).toMatchObject(refused);
    await fixture.join(user, a);
    expect(await fixture.bus.call(voice.update, { userId: user, channelId: b, muted: true })).toMatchObject(refused);
    expect(await fixture.bus.call(voice.leave, { userId: user, channelId: b })).toMatchObject(refused);
  });
});

it('leaving is announced with a null channel, once', async () => {
  const user = newUserId();
  const server = fixture.messaging.server(user);
  const channelId = fixture.messaging.channel(server);
  await fixture.join(user, channelId);
  expect(await fixture.bus.call(voice.leave, { userId: user, channelId })).toEqual({ ok: true, value: {} });
  expect((await fixture.bus.call(voice.leave, { userId: user, channelId })).ok).toBe(false);
  await fixture.untilHeard(user, null);
  expect(fixture.pathOf(user)).toEqual([
    [server, channelId],
    [server, null],
  ]);
});

it('lists in order of joining, for members of a voice channel', async () => {
  const [a, b, c, stranger] = [newUserId(), newUserId(), newUserId(), newUserId()];
  const server = fixture.messaging.server(a, b, c);
  const [channelId, text] = [fixture.messaging.channel(server), fixture.messaging.channel(server, 'text')];
  for (const user of [c, a, b]) await fixture.join(user, channelId);
  await fixture.join(c, channelId, { muted: true });
  expect(await fixture.inChannel(a, channelId)).toEqual([c, a, b]);
  const listed = (actorId: typeof a, channel: typeof text) =>
    fixture.bus.call(voice.list, { actorId, channelId: channel });
  expect(await listed(stranger, channelId)).toMatchObject({ ok: false, error: { code: 'not_found' } });
  expect(await listed(a, text)).toMatchObject({ ok: false, error: { code: 'invalid' } });
});
