// @ts-check
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Guard
 * @property {(pid: number, signal: NodeJS.Signals) => void} add
 * @property {(pid: number) => void} remove
 * @property {() => Promise<void>} close it ends what is still listed, and itself
 */

/** Starts the guard (see guard.mjs), in a process group of its own, so that Ctrl-C does not reach it. @returns {Guard} */
export function startGuard() {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./guard.mjs', import.meta.url))], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  /** @type {Promise<void>} */
  const exited = new Promise((resolve) => child.once('close', () => resolve()));
  child.unref();
  return {
    add: (pid, signal) => void child.stdin.write(`+${pid} ${signal}\n`),
    remove: (pid) => void child.stdin.write(`-${pid}\n`),
    close: () => {
      child.ref();
      child.stdin.end();
      return exited;
    },
  };
}
