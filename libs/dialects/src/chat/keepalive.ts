import type { KeepAlive } from '../dialect.js';

/**
 * The client's `HEARTBEAT` is due every 30 s. Whoever is silent for that long gets a WebSocket ping, which browsers answer
 * unseen; the document knows no question from the server, so there is no frame beside it.
 */
export const keepAlive: KeepAlive = { silentAfterMs: 75_000, probeAfterMs: 30_000 };
