import type { KeepAlive } from '../../dialect.js';

/** WebSocket pings only. */
export const keepAlive: KeepAlive = { silentAfterMs: 75_000, probeAfterMs: 30_000 };
