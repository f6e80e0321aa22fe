import { ParleyError } from '../transport/parley-error.js';

/** As much of media and of an RTCPeerConnection as is used here: a browser's fit, and so do those of packages for Node. */
export interface TrackLike {
  readonly kind: string;
}

export interface MediaLike {
  getTracks(): readonly TrackLike[];
}

export interface Description {
  readonly type: RTCSdpType;
  readonly sdp: string;
}

/** One that was made by `createOffer` or `createAnswer`. */
interface MadeDescription {
  readonly type: RTCSdpType;
  readonly sdp?: string;
}

export interface PeerConnectionLike {
  readonly connectionState: RTCPeerConnectionState;
  readonly signalingState: RTCSignalingState;
  readonly localDescription: Description | null;
  readonly remoteDescription: Description | null;
  addTrack(track: TrackLike, ...streams: MediaLike[]): unknown;
  addTransceiver(kind: string, init: { readonly direction: 'recvonly' }): unknown;
  createOffer(options: { readonly iceRestart: boolean }): Promise<MadeDescription>;
  createAnswer(): Promise<MadeDescription>;
  setLocalDescription(description: MadeDescription): Promise<void>;
  setRemoteDescription(description: Description): Promise<void>;
  addIceCandidate(candidate: RTCIceCandidateInit | null): Promise<void>;
  close(): void;
  addEventListener(
    type: 'icecandidate',
    listener: (event: { readonly candidate: { readonly candidate: string } | null }) => void,
  ): void;
  addEventListener(
    type: 'track',
    listener: (event: { readonly track: MediaStreamTrack; readonly streams: readonly MediaStream[] }) => void,
  ): void;
  addEventListener(type: 'connectionstatechange', listener: () => void): void;
}

export type PeerConnectionConstructor<P extends PeerConnectionLike> = new (configuration?: RTCConfiguration) => P;

/** What a device or a viewer takes beside what every client takes. */
export interface PeerConfig<P extends PeerConnectionLike> {
  /** For platforms without one, such as Node. */
  readonly RTCPeerConnection?: PeerConnectionConstructor<P> | undefined;
  /** Of every peer connection, such as `iceTransportPolicy`; the ICE servers are those that the server names. */
  readonly peerOptions?: Omit<RTCConfiguration, 'iceServers'> | undefined;
}

/** Looked for when it is needed, never on import. */
export function findPeerConnection<P extends PeerConnectionLike>({
  RTCPeerConnection: given,
}: PeerConfig<P>): PeerConnectionConstructor<P> {
  const found: unknown = given ?? Reflect.get(globalThis, 'RTCPeerConnection');
  if (isConstructor<P>(found)) return found;
  throw new ParleyError('invalid', 'this platform has no RTCPeerConnection: pass one as `RTCPeerConnection`');
}

/** Where none is given, `P` is the platform's own. */
function isConstructor<P extends PeerConnectionLike>(value: unknown): value is PeerConnectionConstructor<P> {
  return typeof value === 'function';
}
