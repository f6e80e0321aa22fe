import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startChild } from './child.js';
import { waitFor } from './wait-for.js';

const holder = fileURLToPath(new URL('../dist/fixtures/crash-holder.js', import.meta.url));

test('servers and folders of a test process that is killed go with it', async () => {
  const child = await startChild({ name: 'holder', command: process.execPath, args: [holder] });
  const started = await child.line(
    'both servers',
    30_000,
    (line) => /^pids (\d+) (\d+) store (.+)$/.exec(line) ?? undefined,
  );
  const pids = started.slice(1, 3).map(Number);
  const storeDir = started[3] ?? '';
  expect(existsSync(storeDir)).toBe(true);
  for (const pid of pids) expect(await isRunning(pid)).toBe(true);
  await child.kill('SIGKILL');
  await waitFor(async () => !(await Promise.all(pids.map(isRunning))).includes(true), 'the end of both servers');
  await waitFor(() => !existsSync(storeDir), 'the removal of the store');
});

/** A dead process that its new parent has not asked about yet is dead. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    return !/^State:\s+Z/m.test(await readFile(`/proc/${String(pid)}/status`, 'utf8'));
  } catch {
    return false;
  }
}
