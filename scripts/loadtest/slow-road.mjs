// @ts-check
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * A way to a gateway that can be blocked: then nothing is read from it any more, as by a client that does not read.
 * @typedef {object} SlowRoad
 * @property {string} url
 * @property {(blocked: boolean) => void} block
 * @property {() => Promise<void>} close
 */

/** @param {string} target `http://host:port` @returns {Promise<SlowRoad>} */
export async function startSlowRoad(target) {
  const { hostname, port } = new URL(target);
  /** @type {Set<import('node:net').Socket>} */
  const open = new Set();
  /** @type {Set<import('node:net').Socket>} */
  const upstreams = new Set();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    upstreams.add(upstream);
    for (const [from, to] of /** @type {const} */ ([
      [client, upstream],
      [upstream, client],
    ])) {
      open.add(from);
      // By hand: a pipe would resume what is to stay blocked.
      from.on('data', (chunk) => {
        if (!to.write(chunk)) {
          from.pause();
          to.once('drain', () => {
            if (!(blocked && from === upstream)) from.resume();
          });
        }
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.once('close', () => {
        open.delete(from);
        upstreams.delete(from);
        to.end();
      });
    }
  });
  let blocked = false;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the road has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    block(value) {
      blocked = value;
      for (const upstream of upstreams) value ? upstream.pause() : upstream.resume();
    },
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
    },
  };
}
