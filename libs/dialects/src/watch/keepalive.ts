import type { KeepAlive } from '../dialect.js';

/** Heartbeats are due every 30 s; three of them missed, and no pong either, is silence. */
export const keepAlive: KeepAlive = { silentAfterMs: 90_000, probeAfterMs: 30_000 };
