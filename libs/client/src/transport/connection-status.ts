import type { ParleyError } from './parley-error.js';

/** Where a client stands. */
export type ConnectionStatus =
  /** Not asked to connect, or disconnected. */
  | { readonly state: 'idle' }
  | { readonly state: 'connecting'; readonly attempt: number }
  | { readonly state: 'ready' }
  /** Between two attempts. */
  | { readonly state: 'waiting'; readonly attempt: number; readonly retryInMs: number; readonly error: ParleyError }
  /** Refused for good; `connect()` begins anew. */
  | { readonly state: 'ended'; readonly error: ParleyError };

export type ConnectionState = ConnectionStatus['state'];
