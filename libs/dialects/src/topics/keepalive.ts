import type { KeepAlive } from '../dialect.js';
import { jsonFrame } from '../frame.js';

/**
 * Either side may ask. The server's question is a message of the protocol beside the WebSocket ping, since clients in
 * browsers see only that; it is answered with `Pong` by the document's own client.
 */
export const keepAlive: KeepAlive = {
  silentAfterMs: 75_000,
  probeAfterMs: 30_000,
  probe: (now) => jsonFrame({ type: 'Ping', data: { timestamp: now } }),
};
