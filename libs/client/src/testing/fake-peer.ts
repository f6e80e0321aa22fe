import type { Description, MediaLike, PeerConnectionLike, TrackLike } from '../watch/peer-connection.js';

interface Listeners {
  readonly icecandidate: Set<
    (event: { readonly candidate: (RTCIceCandidateInit & { readonly candidate: string }) | null }) => void
  >;
  readonly track: Set<(event: { readonly track: MediaStreamTrack; readonly streams: readonly MediaStream[] }) => void>;
  readonly connectionstatechange: Set<() => void>;
}

let count = 0;

/**
 * As strict as a browser's about the order of things, and connected when both descriptions are there and a candidate that
 * belongs to them has come. Its SDP is its name, and how often ICE was begun.
 */
export class FakePeer implements PeerConnectionLike {
  /** All that were made, until a test empties it. */
  static readonly made: FakePeer[] = [];

  readonly name = `peer${String((count += 1))}`;
  connectionState: RTCPeerConnectionState = 'new';
  signalingState: RTCSignalingState = 'stable';
  localDescription: Description | null = null;
  remoteDescription: Description | null = null;
  readonly wanted: string[] = [];
  readonly given: TrackLike[] = [];
  /** Of the other side, as they were added. */
  readonly candidates: (RTCIceCandidateInit | null)[] = [];
  private generation = 1;
  private readonly listeners: Listeners = {
    icecandidate: new Set(),
    track: new Set(),
    connectionstatechange: new Set(),
  };

  constructor(readonly configuration: RTCConfiguration = {}) {
    FakePeer.made.push(this);
  }

  get ufrag(): string {
    return `${this.name}g${String(this.generation)}`;
  }

  addTrack(track: TrackLike, ..._streams: MediaLike[]): void {
    this.given.push(track);
  }

  addTransceiver(kind: string): void {
    this.wanted.push(kind);
  }

  async createOffer({ iceRestart }: { readonly iceRestart: boolean }): Promise<Description> {
    if (iceRestart) this.generation += 1;
    return this.description('offer');
  }

  async createAnswer(): Promise<Description> {
    if (this.signalingState !== 'have-remote-offer') throw new Error('there is no offer to answer');
    return this.description('answer');
  }

  async setLocalDescription({ type, sdp = '' }: { readonly type: RTCSdpType; readonly sdp?: string }): Promise<void> {
    const isNew = ufragOf(this.localDescription) !== ufragOf({ sdp });
    this.localDescription = { type, sdp };
    this.signalingState = type === 'offer' ? 'have-local-offer' : 'stable';
    const { ufrag } = this;
    if (isNew) setImmediate(() => this.gather(ufrag));
    this.look();
  }

  async setRemoteDescription({ type, sdp }: Description): Promise<void> {
    if ((type === 'answer') !== (this.signalingState === 'have-local-offer')) {
      throw new Error(`${type} in ${this.signalingState}`);
    }
    const restarts = this.remoteDescription !== null && ufragOf(this.remoteDescription) !== ufragOf({ sdp });
    if (restarts && type === 'offer') this.generation += 1;
    this.remoteDescription = { type, sdp };
    this.signalingState = type === 'offer' ? 'have-remote-offer' : 'stable';
    this.look();
  }

  async addIceCandidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    if (this.remoteDescription === null) throw new Error('a candidate of nobody');
    this.candidates.push(candidate);
    this.look();
  }

  close(): void {
    this.connectionState = 'closed';
    this.signalingState = 'closed';
  }

  addEventListener<K extends keyof Listeners>(type: K, listener: Listeners[K] extends Set<infer L> ? L : never): void;
  addEventListener(type: keyof Listeners, listener: () => void): void {
    this.listeners[type].add(listener);
  }

  /** The network between the two is gone. */
  lose(state: 'disconnected' | 'failed'): void {
    this.candidates.length = 0;
    this.become(state);
  }

  private description(type: 'offer' | 'answer'): Description {
    return { type, sdp: `v=0\r\na=ice-ufrag:${this.ufrag}\r\n` };
  }

  private gather(ufrag: string): void {
    if (this.connectionState === 'closed') return;
    const candidate = { candidate: `candidate:${ufrag}`, sdpMid: '0', sdpMLineIndex: 0, usernameFragment: ufrag };
    for (const listener of this.listeners.icecandidate) {
      listener({ candidate });
      listener({ candidate: { ...candidate, candidate: '' } });
      listener({ candidate: null });
    }
  }

  private look(): void {
    const remote = ufragOf(this.remoteDescription);
    const isReachable = this.candidates.some((one) => one?.usernameFragment === remote);
    if (this.signalingState === 'stable' && this.localDescription !== null && isReachable) this.become('connected');
  }

  private become(state: RTCPeerConnectionState): void {
    if (this.connectionState === 'closed' || this.connectionState === state) return;
    this.connectionState = state;
    for (const listener of this.listeners.connectionstatechange) listener();
  }
}

function ufragOf(description: { readonly sdp: string } | null): string | undefined {
  return /a=ice-ufrag:(\S+)/.exec(description?.sdp ?? '')?.[1];
}
