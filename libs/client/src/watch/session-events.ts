import type { ParleyError } from '../transport/parley-error.js';
import type { WatchEndReason } from './watch-messages.js';

/** `interrupted`: it was connected, or should be by now, and is being mended. */
export type WatchState = 'connecting' | 'connected' | 'interrupted' | 'ended';

/**
 * As the server tells it, or: `disconnected`, this client's connection ended for good; `lost`, the server knows the session
 * no more; `failed`, the two could not reach each other, or this side could not do its part.
 */
export type SessionEndReason = WatchEndReason | 'disconnected' | 'lost' | 'failed';

export interface WatchSessionEvents {
  state: readonly [state: WatchState];
  /** What the other side sends, track by track, and each stream once. */
  track: readonly [track: MediaStreamTrack, streams: readonly MediaStream[]];
  stream: readonly [stream: MediaStream];
  ended: readonly [reason: SessionEndReason];
  /** It goes on, or `ended` follows. */
  error: readonly [error: ParleyError];
}
