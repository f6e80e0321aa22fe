import { originOf } from '../voice/signal.js';
import type { Connection } from '../voice/voice-peer.js';

/** All connections of a test, by their origin. */
export type Ether = Map<string, FakeConnection>;

/**
 * Offers and answers as an `RTCPeerConnection` takes them, without media: two are connected when each has the other's newest
 * description and both are at rest.
 */
export class FakeConnection extends EventTarget implements Connection {
  connectionState: RTCPeerConnectionState = 'new';
  signalingState: RTCSignalingState = 'stable';
  localDescription: RTCSessionDescription | null = null;
  remoteDescription: RTCSessionDescription | null = null;
  readonly origin: string;
  private count = 0;

  constructor(private readonly ether: Ether) {
    super();
    this.origin = String(ether.size + 1);
    ether.set(this.origin, this);
  }

  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    this.count += 1;
    const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
    const about = type === 'answer' ? `\na=to ${this.remoteDescription?.sdp ?? ''}` : '';
    this.localDescription = described(type, `o=- ${this.origin} ${String(this.count)}${about}`);
    this.signalingState = type === 'answer' ? 'stable' : 'have-local-offer';
    this.meet();
  }

  async setRemoteDescription({ type, sdp = '' }: RTCSessionDescriptionInit): Promise<void> {
    await Promise.resolve();
    if (type === 'answer' && !sdp.endsWith(this.localDescription?.sdp ?? 'none')) throw new Error('of another offer');
    this.remoteDescription = described(type, sdp);
    this.signalingState = type === 'answer' ? 'stable' : 'have-remote-offer';
    this.meet();
  }

  addIceCandidate(): Promise<void> {
    return Promise.resolve();
  }

  getStats(): Promise<RTCStatsReport> {
    return Promise.resolve(new Map());
  }

  close(): void {
    this.connectionState = 'closed';
  }

  /** The path is gone. */
  fail(): void {
    this.move('failed');
  }

  private meet(): void {
    const other = this.ether.get(originOf(this.remoteDescription?.sdp ?? '') ?? '');
    if (other === undefined || originOf(other.remoteDescription?.sdp ?? '') !== this.origin) return;
    if (this.signalingState !== 'stable' || other.signalingState !== 'stable') return;
    for (const one of [this, other]) one.move('connected');
  }

  private move(state: RTCPeerConnectionState): void {
    if (this.connectionState === 'closed') return;
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

function described(type: RTCSdpType, sdp: string): RTCSessionDescription {
  return { type, sdp, toJSON: () => ({ type, sdp }) };
}
