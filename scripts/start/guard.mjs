// @ts-check
// A process of its own that outlives the launcher by a moment: when the pipe to the launcher closes, however the launcher
// died, it ends every child that is still listed. Run as `node guard.mjs`, told `+<pid> <signal>` and `-<pid>` on stdin.
import { createInterface } from 'node:readline';

const GRACE_MS = 4_000;
const POLL_MS = 50;

/** @type {Map<number, NodeJS.Signals>} */
const listed = new Map();

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [, sign, pid, signal] = /^([+-])(\d+)(?: (SIG[A-Z]+))?$/.exec(line) ?? [];
  if (sign === '+') listed.set(Number(pid), signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM');
  if (sign === '-') listed.delete(Number(pid));
});
lines.on('close', () => void endAll());

// Ctrl-C and a closing terminal are the launcher's to handle.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

async function endAll() {
  for (const [pid, signal] of listed) send(pid, signal);
  const deadline = Date.now() + GRACE_MS;
  while (Date.now() < deadline && [...listed.keys()].some((pid) => send(pid, 0))) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  // Each child leads a process group, which takes its helpers along.
  for (const pid of listed.keys()) if (send(pid, 0)) send(-pid, 'SIGKILL');
  process.exit(0);
}

/** @param {number} pid @param {NodeJS.Signals | 0} signal @returns {boolean} whether there was such a process */
function send(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
