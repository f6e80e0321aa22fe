import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';

/**
 * Below the range from which the kernel takes ports for outgoing connections: a server that is killed and restarted
 * on its port must not find it taken by somebody's client. From 28,000 on they belong to the launcher's tests.
 */
const FIRST = 15_000;
const LAST = 28_000;
/** Test files run side by side, and what looks free to one may be about to be taken by another: each lane has its own. */
const LANES = 8;
const PER_LANE = (LAST - FIRST) / LANES;
const lane = Number(process.env['VITEST_POOL_ID'] ?? 0) % LANES;
const first = FIRST + lane * PER_LANE;
const TRIES = 200;

const handedOut = new Set<number>();

/** A TCP port on 127.0.0.1 that was free just now and is given to nobody else in this process. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = randomInt(first, first + PER_LANE);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await canListen(port)) return port;
  }
  throw new Error(`no free port found from ${String(first)} on, of ${String(PER_LANE)}`);
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
