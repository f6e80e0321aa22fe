// @ts-check
import { createServer } from 'node:net';

/**
 * Whether we could listen there.
 * @param {number} port
 * @param {string} [host] every address when left out
 * @returns {Promise<{free: true} | {free: false, code: string}>}
 */
export function probePort(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve({ free: false, code: 'code' in error ? String(error.code) : 'unknown' }));
    server.listen({ port, exclusive: true, ...(host === undefined ? {} : { host }) }, () =>
      server.close(() => resolve({ free: true })),
    );
  });
}

/** Free on every address and on the loopback, which somebody may hold alone. @param {number} port */
export async function isFree(port) {
  return (await probePort(port)).free && (await probePort(port, '127.0.0.1')).free;
}

/** @returns {Promise<number>} */
export function anyPort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}

/** The wished port where it is free, since a stable port is easier to live with; any other where not. @param {number} port */
export async function freePortNear(port) {
  return port < 65_536 && (await isFree(port)) ? port : anyPort();
}
