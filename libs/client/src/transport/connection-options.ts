import type { BackoffOptions } from './backoff.js';
import { realTimers, type Timers } from './timers.js';
import type { TokenProvider } from './token-source.js';
import type { HeartbeatOptions } from './watchdog.js';
import type { UrlProvider, WebSocketConstructor } from './websocket.js';

/** What every client takes. */
export interface ConnectionConfig {
  /** `wss://host`; a path is kept, and without one the dialect's own is taken. A function is asked before every connection. */
  readonly url: UrlProvider;
  readonly token: TokenProvider;
  /** For platforms without one: Node before 22. */
  readonly WebSocket?: WebSocketConstructor | undefined;
  readonly backoff?: BackoffOptions | undefined;
  readonly heartbeat?: HeartbeatOptions | undefined;
  /** How long `connect()` waits; the client itself goes on trying. Default 30 s. */
  readonly connectTimeoutMs?: number | undefined;
  /** From the opening of a socket to the server's welcome; default 10 s. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** How long an answer is waited for, reconnects included; default 30 s. */
  readonly answerTimeoutMs?: number | undefined;
  /** For tests. */
  readonly timers?: Timers | undefined;
}

const DEFAULT_CONNECT_MS = 30_000;
const DEFAULT_HANDSHAKE_MS = 10_000;
const DEFAULT_ANSWER_MS = 30_000;

export function withDefaults(config: Omit<ConnectionConfig, 'token'>) {
  return {
    timers: config.timers ?? realTimers,
    connectTimeoutMs: config.connectTimeoutMs ?? DEFAULT_CONNECT_MS,
    handshakeTimeoutMs: config.handshakeTimeoutMs ?? DEFAULT_HANDSHAKE_MS,
    answerTimeoutMs: config.answerTimeoutMs ?? DEFAULT_ANSWER_MS,
  };
}
