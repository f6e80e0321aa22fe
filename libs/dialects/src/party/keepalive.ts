import type { KeepAlive } from '../dialect.js';

/** The document's own: members who say nothing for this long are gone. Pongs do not count, so the session keeps the time. */
export const HEARTBEAT_TIMEOUT_MS = 15_000;

/** What the gateway sees of the socket itself; a member's heartbeats are due more often than this asks. */
export const keepAlive: KeepAlive = { silentAfterMs: 20_000, probeAfterMs: 10_000 };
