import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';

/**
 * Below the range from which the kernel takes ports for outgoing connections: a server that is killed and restarted
 * on its port must not find it taken by somebody's client. Those below belong to the launcher's tests.
 */
const FIRST = 11_500;
const LAST = 15_900;
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

/**
 * Starts what listens on such ports. Between our look and its start somebody else may have taken one: then others are
 * tried, a few times.
 */
export async function onFreePorts<T>(
  start: (...ports: readonly [number, number, number]) => Promise<T>,
  tries = 3,
): Promise<T> {
  try {
    return await start(await freePort(), await freePort(), await freePort());
  } catch (error) {
    if (tries <= 1 || !/\bin use\b/.test(String(error))) throw error;
    return onFreePorts(start, tries - 1);
  }
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
