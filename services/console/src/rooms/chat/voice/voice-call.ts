import {
  ParleyError,
  type ChatClient,
  type ChatVoice,
  type IceServers,
  type VoiceSignal,
  type VoiceState,
} from '@parley/client';
import { Store } from '../../../session/store.js';
import { NO_STATS, statsOf, type PeerStats } from './call-stats.js';
import { signalOf } from './signal.js';
import { VoicePeer, type Connection, type PeerState } from './voice-peer.js';
import type { VoiceRoster } from './voice-roster.js';

export interface CallPeer {
  readonly state: PeerState;
  readonly stats: PeerStats;
}

export interface CallState {
  readonly phase: 'none' | 'joining' | 'in';
  readonly channelId: string | undefined;
  readonly muted: boolean;
  readonly deafened: boolean;
  /** Without a microphone. */
  readonly listening: boolean;
  /** By user id. */
  readonly peers: ReadonlyMap<string, CallPeer>;
  /** Why there is no call, or no call any more. */
  readonly error: unknown;
  /** Where there is no call because of the error. */
  readonly tried: string | undefined;
}

export interface CallDeps {
  readonly client: Pick<ChatClient, 'on' | 'sendVoiceSignal' | 'status'>;
  readonly voice: Pick<ChatVoice, 'join' | 'update' | 'leave' | 'iceServers'>;
  readonly roster: VoiceRoster;
  readonly me: string;
  readonly openMicrophone: () => Promise<MediaStream>;
  /** A fresh connection; without a microphone it only listens. */
  readonly connect: (iceServers: RTCIceServer[], microphone: MediaStream | undefined) => Connection;
  /** Something to hear, by user; undefined: no more. */
  readonly sound: (userId: string, stream: MediaStream | undefined) => void;
}

const NO_CALL: CallState = {
  phase: 'none',
  channelId: undefined,
  muted: false,
  deafened: false,
  listening: false,
  peers: new Map(),
  error: undefined,
  tried: undefined,
};
const LOOK_EVERY_MS = 1_000;

/**
 * A call: a connection to everybody else in a voice channel. Who joins makes the offers to those who are there; the others wait for
 * them. It outlives the connection to the server, and sees to what has changed when that is back.
 */
export class VoiceCall {
  readonly state = new Store<CallState>(NO_CALL);
  private readonly peers = new Map<string, VoicePeer>();
  private microphone: MediaStream | undefined;
  private iceServers: RTCIceServer[] = [];
  private own: VoiceState | undefined;
  /** Counts calls, so that what was begun for one is not done to the next. */
  private call = 0;
  /** Back from a lost connection, and not sure yet of what has happened meanwhile. */
  private unsure = false;
  private looking: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly deps: CallDeps) {}

  start(): () => void {
    const { client } = this.deps;
    const stops = [
      client.on('status', ({ state }) => {
        if (state !== 'ready') this.unsure = true;
      }),
      client.on('ready', () => void this.cameBack()),
      client.on('voiceState', (state) => this.moved(state)),
      client.on('voiceSignal', (signal) => this.signalled(signal)),
    ];
    return () => {
      void this.leave();
      for (const stop of stops) stop();
    };
  }

  /** With a microphone, or to listen only. What goes wrong is in `state`. */
  async join(channelId: string, { listening }: { readonly listening: boolean }): Promise<void> {
    await this.leave();
    this.call += 1;
    const { call } = this;
    this.change({ ...NO_CALL, phase: 'joining', channelId, listening });
    try {
      const microphone = listening ? undefined : await this.deps.openMicrophone();
      if (call !== this.call) {
        stopAll(microphone);
        return;
      }
      this.microphone = microphone;
      this.iceServers = (await this.deps.voice.iceServers()).iceServers.map(defined);
      await this.enter(call, channelId);
    } catch (error) {
      if (call === this.call) this.end(error);
    }
  }

  async leave(): Promise<void> {
    const { channelId, phase } = this.state.get();
    if (channelId === undefined || phase === 'none') return;
    this.end(undefined);
    // Nobody is kept in a channel for long without a connection: a leave that does not arrive is no loss.
    await this.deps.voice.leave(channelId).catch(() => undefined);
  }

  mute(muted: boolean): Promise<void> {
    return this.settings({ muted });
  }

  deafen(deafened: boolean): Promise<void> {
    return this.settings({ deafened });
  }

  /** Once more with who could not be reached. */
  mend(userId: string): void {
    this.peers.get(userId)?.mend();
  }

  forget(): void {
    this.change({ error: undefined, tried: undefined });
  }

  private async enter(call: number, channelId: string): Promise<void> {
    const { muted, deafened } = this.state.get();
    const own = await this.deps.voice.join(channelId, { muted, deafened });
    if (call !== this.call) {
      await this.deps.voice.leave(channelId).catch(() => undefined);
      return;
    }
    this.own = own;
    this.change({ phase: 'in' });
    this.looking ??= setInterval(() => void this.look(), LOOK_EVERY_MS);
    const there = await this.deps.roster.load(channelId);
    if (call !== this.call) return;
    this.unsure = false;
    for (const state of there) {
      if (state.user_id === this.deps.me) continue;
      // Whose coming was told meanwhile has come later, and makes the offer.
      const known = this.peers.has(state.user_id);
      const peer = this.peer(state.user_id);
      if (!known) peer.offer();
    }
  }

  private async settings(change: { readonly muted?: boolean; readonly deafened?: boolean }): Promise<void> {
    const { channelId, phase } = this.state.get();
    // What a person means to be silent is silent, whatever the server says.
    this.change(change);
    this.apply();
    if (channelId !== undefined && phase === 'in') await this.deps.voice.update(channelId, change);
  }

  private apply(): void {
    const { muted } = this.state.get();
    for (const track of this.microphone?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  /** What happened while there was no connection. */
  private async cameBack(): Promise<void> {
    const { channelId, phase } = this.state.get();
    if (phase !== 'in' || channelId === undefined) {
      this.unsure = false;
      return;
    }
    const { call } = this;
    try {
      const there = await this.deps.roster.load(channelId);
      if (call !== this.call) return;
      const mine = there.find((state) => state.user_id === this.deps.me);
      if (mine === undefined) {
        // Away for so long that the others were told that we left.
        for (const userId of [...this.peers.keys()]) this.gone(userId);
        await this.enter(call, channelId);
        return;
      }
      this.own = mine;
      this.unsure = false;
      for (const userId of [...this.peers.keys()])
        if (!there.some((state) => state.user_id === userId)) this.gone(userId);
      for (const { user_id: userId } of there) if (userId !== this.deps.me) this.peer(userId).mend();
    } catch (error) {
      if (call === this.call && error instanceof ParleyError && !error.retryable) this.end(error);
    }
  }

  private moved(state: VoiceState): void {
    const { channelId, phase } = this.state.get();
    if (phase !== 'in' || channelId === undefined) return;
    if (state.user_id === this.deps.me) {
      const isOurs = state.joined_at === this.own?.joined_at;
      if (state.channel_id === channelId) {
        this.change({ muted: state.muted, deafened: state.deafened });
        this.apply();
      } else if (!this.unsure && (state.channel_id !== null || isOurs)) {
        this.end(new Error('You left this call in another window, or were taken out of it.'));
      }
    } else if (state.channel_id === channelId) {
      // Will make an offer.
      this.peer(state.user_id);
    } else this.gone(state.user_id);
  }

  private signalled({ from_user_id: userId, signal: value }: VoiceSignal): void {
    const signal = signalOf(value);
    const { phase } = this.state.get();
    // Another window of ours may be the one that is in the call.
    if (signal === undefined || phase !== 'in' || userId === this.deps.me) return;
    if (signal.kind === 'offer' || this.peers.has(userId)) this.peer(userId).take(signal);
  }

  private peer(userId: string): VoicePeer {
    const known = this.peers.get(userId);
    if (known !== undefined) return known;
    const { call } = this;
    const peer = new VoicePeer({
      yields: this.yieldsTo(userId),
      connect: () => this.deps.connect(this.iceServers, this.microphone),
      send: (signal) => this.say(userId, signal),
      heard: (stream) => this.deps.sound(userId, stream),
      changed: () => {
        if (call === this.call) this.show();
      },
    });
    this.peers.set(userId, peer);
    this.show();
    return peer;
  }

  private gone(userId: string): void {
    this.peers.get(userId)?.close();
    if (this.peers.delete(userId)) this.deps.sound(userId, undefined);
    this.show();
  }

  private yieldsTo(userId: string): boolean {
    return this.deps.me < userId;
  }

  private say(userId: string, signal: unknown): void {
    try {
      this.deps.client.sendVoiceSignal(userId, signal);
    } catch {
      // There is no connection now: what is not connected begins anew when there is.
    }
  }

  /** Levels and packets, once a second. */
  private async look(): Promise<void> {
    const { call } = this;
    const stats = await Promise.all(
      [...this.peers].map(
        async ([userId, peer]) => [userId, await statsOf(peer.connection).catch(() => NO_STATS)] as const,
      ),
    );
    if (call === this.call && this.state.get().phase === 'in') this.show(new Map(stats));
  }

  private show(stats?: ReadonlyMap<string, PeerStats>): void {
    const { peers: before } = this.state.get();
    const peers = new Map(
      [...this.peers].map(([userId, { state }]) => [
        userId,
        { state, stats: stats?.get(userId) ?? before.get(userId)?.stats ?? NO_STATS },
      ]),
    );
    this.change({ peers });
  }

  private end(error: unknown): void {
    this.call += 1;
    clearInterval(this.looking);
    this.looking = undefined;
    for (const [userId, peer] of this.peers) {
      peer.close();
      this.deps.sound(userId, undefined);
    }
    this.peers.clear();
    stopAll(this.microphone);
    this.microphone = undefined;
    this.own = undefined;
    const { channelId } = this.state.get();
    this.change({ ...NO_CALL, error, tried: error === undefined ? undefined : channelId });
  }

  private change(change: Partial<CallState>): void {
    this.state.set({ ...this.state.get(), ...change });
  }
}

function defined({ urls, username, credential }: IceServers['iceServers'][number]): RTCIceServer {
  return {
    urls,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  };
}

function stopAll(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
