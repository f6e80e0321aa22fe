import { isRecord } from '../../../session/json.js';

/** What peers say to each other, as `RTCPeerConnection` writes it. */
export type Signal =
  | { readonly kind: 'offer' | 'answer'; readonly sdp: string }
  | { readonly kind: 'candidate'; readonly candidate: RTCIceCandidateInit };

/** Whoever sent it: undefined for what is none of it. */
export function signalOf(value: unknown): Signal | undefined {
  if (!isRecord(value)) return undefined;
  const { type, sdp, candidate } = value;
  if ((type === 'offer' || type === 'answer') && typeof sdp === 'string') return { kind: type, sdp };
  // Some put the candidate into an object of its own.
  const found = isRecord(candidate) ? candidate : value;
  if (typeof found['candidate'] !== 'string') return undefined;
  const { sdpMid, sdpMLineIndex, usernameFragment } = found;
  return {
    kind: 'candidate',
    candidate: {
      candidate: found['candidate'],
      ...(typeof sdpMid === 'string' ? { sdpMid } : {}),
      ...(typeof sdpMLineIndex === 'number' ? { sdpMLineIndex } : {}),
      ...(typeof usernameFragment === 'string' ? { usernameFragment } : {}),
    },
  };
}

/** One peer connection has one, whatever it offers; another page, or the same page loaded again, has another. */
export function originOf(sdp: string): string | undefined {
  return /^o=\S+ (\S+)/m.exec(sdp)?.[1];
}
