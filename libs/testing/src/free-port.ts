import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';

/**
 * Below the range from which the kernel takes ports for outgoing connections: a server that is killed and restarted
 * on its port must not find it taken by somebody's client.
 */
const FIRST = 15_000;
const LAST = 32_000;
const TRIES = 200;

const handedOut = new Set<number>();

/** A TCP port on 127.0.0.1 that was free just now and is given to nobody else in this process. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = randomInt(FIRST, LAST);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await canListen(port)) return port;
  }
  throw new Error(`no free port found between ${String(FIRST)} and ${String(LAST)}`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
