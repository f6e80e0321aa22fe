import { Emitter, type Handler } from '../transport/emitter.js';
import { ParleyError } from '../transport/parley-error.js';
import type { Timers } from '../transport/timers.js';
import { wait, type WaitOptions } from '../transport/wait.js';
import type { PeerConnectionLike } from './peer-connection.js';
import { Peer } from './peer.js';
import type { SessionEndReason, WatchSessionEvents, WatchState } from './session-events.js';
import type { Signal } from './watch-link.js';

/** What a session needs of the client whose it is. */
export interface SessionHost {
  readonly timers: Timers;
  /** How long `connected()` waits. */
  readonly connectedMs: number;
  online(): boolean;
  signal(sessionId: string, signal: Signal, body: unknown): void;
  ended(sessionId: string): void;
}

/** One viewer who watches one device, seen from either side. */
export abstract class WatchSession<P extends PeerConnectionLike> {
  protected readonly events = new Emitter<WatchSessionEvents>();
  protected readonly peer: Peer;
  private current: WatchState = 'connecting';
  private endedFor: SessionEndReason | undefined;
  private readonly known = new Set<MediaStream>();
  private cancelTimer: (() => void) | undefined;

  constructor(
    readonly id: string,
    /** Made, and closed, with the session. */
    readonly peerConnection: P,
    protected readonly host: SessionHost,
  ) {
    this.peer = new Peer(peerConnection, {
      say: (signal, body) => host.signal(id, signal, body),
      failed: (error) => this.events.emit('error', error),
    });
    peerConnection.addEventListener('track', ({ track, streams }) => this.heardTrack(track, streams));
    peerConnection.addEventListener('connectionstatechange', () => this.changed(peerConnection.connectionState));
  }

  get state(): WatchState {
    return this.current;
  }

  /** Once it has ended. */
  get endReason(): SessionEndReason | undefined {
    return this.endedFor;
  }

  /** What the other side sends: the first stream of it. */
  get stream(): MediaStream | undefined {
    const [first] = this.known;
    return first;
  }

  /** Resolves when the two are connected; rejects with `unavailable` when the session ends instead. */
  connected({ signal, timeoutMs = this.host.connectedMs }: WaitOptions = {}): Promise<void> {
    return wait<undefined>(this.host.timers, 'the other side', { signal, timeoutMs }, (settle): (() => void) => {
      const look = (): void => {
        if (this.current === 'connected') settle.resolve(undefined);
        if (this.current === 'ended') settle.reject(new ParleyError('unavailable', `ended: ${String(this.endedFor)}`));
      };
      const stop = this.events.on('state', look);
      look();
      return stop;
    });
  }

  on<K extends keyof WatchSessionEvents>(event: K, handler: Handler<WatchSessionEvents[K]>): () => void {
    return this.events.on(event, handler);
  }

  off<K extends keyof WatchSessionEvents>(event: K, handler: Handler<WatchSessionEvents[K]>): void {
    this.events.off(event, handler);
  }

  /** @internal */
  takeCandidate(candidate: RTCIceCandidateInit | null): void {
    this.peer.takeCandidate(candidate);
  }

  /** @internal The server did not pass a signal on. */
  refused(error: ParleyError): void {
    if (error.code === 'not_found' || error.code === 'forbidden') this.finish('lost');
    else this.events.emit('error', error);
  }

  /** @internal The client is connected again, and has missed nobody knows what. */
  abstract resumed(): void;

  /** @internal */
  finish(reason: SessionEndReason): void {
    if (this.current === 'ended') return;
    this.endedFor = reason;
    this.cancelTimer?.();
    this.peer.close();
    this.host.ended(this.id);
    this.move('ended');
    this.events.emit('ended', reason);
  }

  /** Told by the peer connection. */
  protected abstract moved(state: RTCPeerConnectionState): void;
  protected abstract overdue(): void;

  /** `overdue` is called then, unless it is armed anew or disarmed before. */
  protected arm(ms: number): void {
    this.disarm();
    this.cancelTimer = this.host.timers.after(ms, () => this.overdue());
  }

  protected disarm(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private changed(state: RTCPeerConnectionState): void {
    if (this.current === 'ended') return;
    if (state === 'connected') this.move('connected');
    if (state === 'disconnected' || state === 'failed') this.move('interrupted');
    this.moved(state);
  }

  private heardTrack(track: MediaStreamTrack, streams: readonly MediaStream[]): void {
    if (this.current === 'ended') return;
    this.events.emit('track', track, streams);
    for (const stream of streams) {
      if (this.known.has(stream)) continue;
      this.known.add(stream);
      this.events.emit('stream', stream);
    }
  }

  private move(state: WatchState): void {
    if (this.current === state) return;
    this.current = state;
    this.events.emit('state', state);
  }
}
