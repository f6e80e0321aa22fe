import type { KeepAlive } from '../dialect.js';

/** The document's `ping` is the client's question; the server asks with WebSocket pings, which browsers answer unseen. */
export const keepAlive: KeepAlive = { silentAfterMs: 75_000, probeAfterMs: 30_000 };
