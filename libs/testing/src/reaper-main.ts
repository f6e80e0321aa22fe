import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * Runs beside a test process, in a session of its own. Its standard input is a pipe from that process: when it closes,
 * however the process ended, every child that is still listed is killed and every folder removed.
 */
const pids = new Set<number>();
const folders = new Set<string>();

const actions: Record<string, (value: string) => void> = {
  '+pid': (value) => pids.add(Number(value)),
  '-pid': (value) => pids.delete(Number(value)),
  '+folder': (value) => folders.add(value),
  '-folder': (value) => folders.delete(value),
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const space = line.indexOf(' ');
  actions[line.slice(0, space)]?.(line.slice(space + 1));
});
lines.on('close', () => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  removeFolders(20);
});

/** A killed server's own children may write for some moments more. */
function removeFolders(triesLeft: number): void {
  for (const folder of folders) {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
      folders.delete(folder);
    } catch {
      // Tried again below.
    }
  }
  if (folders.size > 0 && triesLeft > 0) setTimeout(removeFolders, 100, triesLeft - 1);
}
