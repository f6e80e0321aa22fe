import { originOf, type Signal } from './signal.js';

/** As much of an `RTCPeerConnection` as is used. */
export type Connection = Pick<
  RTCPeerConnection,
  | 'addEventListener'
  | 'addIceCandidate'
  | 'close'
  | 'connectionState'
  | 'getStats'
  | 'localDescription'
  | 'remoteDescription'
  | 'setLocalDescription'
  | 'setRemoteDescription'
  | 'signalingState'
>;

export interface PeerDeps {
  /** A fresh connection, with the own microphone on it. */
  readonly connect: () => Connection;
  /** The smaller user id of the two is ours: when both offer at once, this side yields. */
  readonly yields: boolean;
  readonly send: (signal: RTCSessionDescriptionInit | RTCIceCandidateInit) => void;
  readonly heard: (stream: MediaStream) => void;
  readonly changed: () => void;
}

export type PeerState = 'waiting' | 'connecting' | 'connected' | 'interrupted' | 'failed';

/** An offer that is not made, or not answered, or leads nowhere in this time is made again, on a fresh connection. */
const PATIENCE_MS = 12_000;
/** A path that is interrupted often comes back by itself. */
const INTERRUPTED_MS = 6_000;
const MAX_ATTEMPTS = 5;
const MAX_EARLY = 200;

/**
 * The connection to one other user in a voice channel. Steps are done one after the other, as signals come in order. What goes
 * wrong is mended by a fresh connection, which the other side recognizes by its origin.
 */
export class VoicePeer {
  connection: Connection;
  private turn: Promise<void> = Promise.resolve();
  private early: RTCIceCandidateInit[] = [];
  private attempts = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private over = false;
  private lost = false;

  constructor(private readonly deps: PeerDeps) {
    this.connection = this.begin();
    this.watch(PATIENCE_MS);
  }

  get state(): PeerState {
    if (this.lost) return 'failed';
    switch (this.connection.connectionState) {
      case 'connected':
        return 'connected';
      case 'disconnected':
      case 'failed':
        return 'interrupted';
      case 'new':
        return this.connection.signalingState === 'stable' ? 'waiting' : 'connecting';
      default:
        return 'connecting';
    }
  }

  offer(): void {
    this.run(async () => {
      const { connection } = this;
      await connection.setLocalDescription();
      this.describe(connection);
    });
  }

  take(signal: Signal): void {
    this.run(() => {
      switch (signal.kind) {
        case 'offer':
          return this.takeOffer(signal.sdp);
        case 'answer':
          return this.takeAnswer(signal.sdp);
        case 'candidate':
          return this.takeCandidate(signal.candidate);
      }
    });
  }

  /** Somebody asks for another attempt, or a connection to the server is back: what is not connected begins anew. */
  mend(): void {
    if (this.over || this.connection.connectionState === 'connected') return;
    this.attempts = 0;
    this.again();
  }

  close(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.connection.close();
  }

  private run(step: () => Promise<void>): void {
    // A step that fails leaves no connection behind, which the timer then notices.
    this.turn = this.turn.then(() => (this.over ? undefined : step())).catch(() => undefined);
  }

  private async takeOffer(sdp: string): Promise<void> {
    const { remoteDescription, signalingState } = this.connection;
    const isAnother = remoteDescription !== null && originOf(remoteDescription.sdp) !== originOf(sdp);
    // Who has given up takes whatever the other side makes of it.
    if (isAnother || this.lost) this.replace();
    else if (signalingState === 'have-local-offer' && !this.deps.yields) return;
    const { connection } = this;
    // Takes an own offer back, where there is one.
    await connection.setRemoteDescription({ type: 'offer', sdp });
    await this.addEarly();
    await connection.setLocalDescription();
    this.describe(connection);
    this.watch(PATIENCE_MS);
  }

  private async takeAnswer(sdp: string): Promise<void> {
    if (this.connection.signalingState !== 'have-local-offer') return;
    await this.connection.setRemoteDescription({ type: 'answer', sdp });
    await this.addEarly();
  }

  private async takeCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    if (this.connection.remoteDescription !== null) await this.add(candidate);
    else if (this.early.length < MAX_EARLY) this.early.push(candidate);
  }

  private async addEarly(): Promise<void> {
    const early = this.early.splice(0);
    for (const candidate of early) await this.add(candidate);
  }

  private async add(candidate: RTCIceCandidateInit): Promise<void> {
    // One of an offer that was given up does not fit; there are others.
    await this.connection.addIceCandidate(candidate).catch(() => undefined);
  }

  private describe(connection: Connection): void {
    const { localDescription } = connection;
    if (connection === this.connection && localDescription !== null && !this.over) {
      this.deps.send({ type: localDescription.type, sdp: localDescription.sdp });
    }
    this.deps.changed();
  }

  private begin(): Connection {
    const connection = this.deps.connect();
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate !== null && connection === this.connection && !this.over) this.deps.send(candidate.toJSON());
    });
    connection.addEventListener('track', ({ track, streams: [stream] }) => {
      if (connection === this.connection) this.deps.heard(stream ?? new MediaStream([track]));
    });
    connection.addEventListener('connectionstatechange', () => {
      if (connection === this.connection && !this.over) this.moved();
    });
    return connection;
  }

  private moved(): void {
    switch (this.connection.connectionState) {
      case 'connected':
        this.attempts = 0;
        clearTimeout(this.timer);
        break;
      case 'disconnected':
        this.watch(INTERRUPTED_MS);
        break;
      case 'failed':
        this.again();
        break;
      default:
    }
    this.deps.changed();
  }

  private watch(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.over && this.connection.connectionState !== 'connected') this.again();
    }, ms);
  }

  private again(): void {
    this.attempts += 1;
    this.lost = this.attempts > MAX_ATTEMPTS;
    clearTimeout(this.timer);
    if (!this.lost) {
      this.run(() => {
        this.replace();
        return Promise.resolve();
      });
      this.offer();
      this.watch(PATIENCE_MS);
    }
    this.deps.changed();
  }

  private replace(): void {
    this.connection.close();
    this.early = [];
    if (this.lost) this.attempts = 0;
    this.lost = false;
    this.connection = this.begin();
  }
}
