import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * Below the range from which the kernel takes ports for outgoing connections: a server that is killed and restarted
 * on its port must not find it taken by somebody's client. Those below belong to the launcher's tests.
 */
const FIRST = 11_500;
const LAST = 15_900;
const TRIES = 200;
/** Test files run side by side, and what looks free to one may be about to be taken by another: a file says whose it is. */
const CLAIMS = join(tmpdir(), `parley-ports-${String(userInfo().uid)}`);

/** A TCP port on 127.0.0.1 that was free just now and is given to nobody else while this process lives. */
export async function freePort(): Promise<number> {
  mkdirSync(CLAIMS, { recursive: true });
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const port = randomInt(FIRST, LAST);
    if (claim(port) && (await canListen(port))) return port;
  }
  throw new Error(`no free port found from ${String(FIRST)} to ${String(LAST)}`);
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

/** False when it is somebody's who lives, or was given away here. */
function claim(port: number): boolean {
  const file = join(CLAIMS, String(port));
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (isAlive(holderOf(file))) return false;
    // Left behind by a process that has ended; the next try may have it.
    rmSync(file, { force: true });
    return false;
  }
}

function holderOf(file: string): number {
  try {
    const pid = readFileSync(file, 'utf8');
    // Made this moment, and not yet written.
    return pid === '' ? process.pid : Number(pid);
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  if (pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
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
