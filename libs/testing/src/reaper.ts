import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Writable } from 'node:stream';

/** From `src` and from `dist` alike: plain node cannot run the TypeScript beside us. */
const script = fileURLToPath(new URL('../dist/reaper-main.js', import.meta.url));

let pipe: Writable | undefined;

/** Nothing that a test starts may outlive it, not even when it is killed: see reaper-main.ts. */
function tell(line: string): void {
  if (pipe === undefined) {
    const reaper = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
    reaper.unref();
    reaper.stdin.on('error', () => undefined);
    // The pipe must not keep the test process alive.
    if (reaper.stdin instanceof Socket) reaper.stdin.unref();
    pipe = reaper.stdin;
  }
  pipe.write(`${line}\n`);
}

export function guardProcess(pid: number): void {
  tell(`+pid ${String(pid)}`);
}

export function releaseProcess(pid: number): void {
  tell(`-pid ${String(pid)}`);
}

/** A new folder under the system's temporary one. */
export async function makeFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `parley-${name}-`));
  tell(`+folder ${folder}`);
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  tell(`-folder ${folder}`);
}
