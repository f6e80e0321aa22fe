import { ChatClient, type VoiceState } from '@parley/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeConnection, type Ether } from '../testing/fake-connection.js';
import { FakeSocket } from '../testing/fake-socket.js';
import { NoMicrophone } from './microphone.js';
import { VoiceCall } from './voice-call.js';
import { VoiceRoster } from './voice-roster.js';

const ME = 'm';
const user = { id: ME, username: ME, email: null, avatar_url: null, status: 'online', created_at: '' };

let there: VoiceState[];
let joins: number;
let ether: Ether;
let client: ChatClient;
let call: VoiceCall;
let stop: () => void;
let openMicrophone: () => Promise<MediaStream>;

function stateOf(userId: string, joinedAt: string, channelId: string | null = 'c'): VoiceState {
  return {
    user_id: userId,
    username: userId,
    server_id: 's',
    channel_id: channelId,
    muted: false,
    deafened: false,
    self_mute: false,
    self_deaf: false,
    joined_at: joinedAt,
  };
}

beforeEach(async () => {
  vi.useFakeTimers();
  there = [];
  joins = 0;
  ether = new Map();
  client = new ChatClient({ url: 'ws://host', token: 'jwt', WebSocket: FakeSocket });
  const roster = new VoiceRoster({ list: () => Promise.resolve([...there]) });
  client.on('voiceState', (state) => roster.told(state));
  openMicrophone = () => Promise.reject(new NoMicrophone('denied'));
  call = new VoiceCall({
    client,
    roster,
    me: ME,
    voice: {
      join: () => {
        joins += 1;
        const own = stateOf(ME, `join ${String(joins)}`);
        there = [...there.filter(({ user_id: id }) => id !== ME), own];
        return Promise.resolve(own);
      },
      update: () => Promise.resolve(stateOf(ME, 'join')),
      leave: () => Promise.resolve(),
      iceServers: () => Promise.resolve({ iceServers: [], ttl: 1 }),
    },
    openMicrophone: () => openMicrophone(),
    connect: () => new FakeConnection(ether),
    sound: () => undefined,
  });
  stop = call.start();
  await ready();
});
afterEach(() => {
  stop();
  client.disconnect();
  vi.useRealTimers();
});

async function ready(): Promise<void> {
  client.connect().catch(() => undefined);
  await vi.advanceTimersByTimeAsync(0);
  FakeSocket.last.dispatch('READY', { user, servers: [], sequence: 1 });
  await vi.advanceTimersByTimeAsync(0);
}

async function join(): Promise<void> {
  await call.join('c', { listening: true });
  await vi.advanceTimersByTimeAsync(0);
}

/** The connection breaks, and is there again some time later. */
async function reconnect(meanwhile: () => void): Promise<void> {
  FakeSocket.last.break();
  meanwhile();
  await vi.advanceTimersByTimeAsync(5_000);
  FakeSocket.last.dispatch('READY', { user, servers: [], sequence: 1, resumed: true });
}

/** To whom there was an offer on the newest socket. */
function offeredTo(): readonly string[] {
  return FakeSocket.last.sent.flatMap(
    (one) => /"VOICE_SIGNAL".*"to_user_id":"(\w+)".*"offer"/.exec(JSON.stringify(one))?.[1] ?? [],
  );
}

const peers = (): readonly string[] => [...call.state.get().peers].map(([userId, { state }]) => `${userId} ${state}`);
const tell = (state: VoiceState): void => FakeSocket.last.dispatch('VOICE_STATE_UPDATE', state);

test('who joins offers to those who are there, and waits for those who come', async () => {
  there = [stateOf('a', '1')];
  await join();
  expect([offeredTo(), peers()]).toEqual([['a'], ['a connecting']]);
  tell(stateOf('z', '9'));
  await vi.advanceTimersByTimeAsync(0);
  expect([offeredTo(), peers()]).toEqual([['a'], ['a connecting', 'z waiting']]);
  tell(stateOf('a', '1', null));
  tell(stateOf('z', '9', 'other'));
  expect(peers()).toEqual([]);
});

test('no microphone: the reason is kept, and where one can listen instead', async () => {
  await call.join('c', { listening: false });
  expect(call.state.get()).toMatchObject({ phase: 'none', tried: 'c', error: { problem: 'denied' } });
  expect(joins).toBe(0);
});

test('a call that another window has left, or moved elsewhere, ends here', async () => {
  await join();
  tell(stateOf(ME, 'of an earlier time', null));
  expect(call.state.get().phase).toBe('in');
  tell(stateOf(ME, 'join 1', null));
  expect(call.state.get()).toMatchObject({
    phase: 'none',
    error: { message: 'You left this call in another window, or were taken out of it.' },
  });
});

test('after a reconnect in time the call goes on as it was', async () => {
  there = [stateOf('a', '1')];
  await join();
  await reconnect(() => undefined);
  await vi.advanceTimersByTimeAsync(0);
  expect([joins, call.state.get().phase]).toEqual([1, 'in']);
});

test('who was away for so long that the others were told joins again, and offers to all', async () => {
  there = [stateOf('a', '1')];
  await join();
  await reconnect(() => (there = [stateOf('b', '2')]));
  // What was missed comes before the question can be answered.
  tell(stateOf(ME, 'join 1', null));
  tell(stateOf('a', '1', null));
  await vi.advanceTimersByTimeAsync(0);
  expect([joins, call.state.get().phase]).toEqual([2, 'in']);
  expect([offeredTo(), peers()]).toEqual([['b'], ['b connecting']]);
});

test('signals for another window of the same user are none of ours', async () => {
  FakeSocket.last.dispatch('VOICE_SIGNAL', { from_user_id: 'a', signal: { type: 'offer', sdp: 'o=- 99 1' } });
  await vi.advanceTimersByTimeAsync(0);
  expect([peers(), ether.size]).toEqual([[], 0]);
});
