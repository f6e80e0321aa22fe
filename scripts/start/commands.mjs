// @ts-check
import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';

/** @type {Set<import('node:child_process').ChildProcess>} */
const underWay = new Set();

/** Ends what still runs, for a launcher that is told to stop halfway. */
export function abandonCommands() {
  for (const child of underWay) child.kill('SIGTERM');
}

/**
 * Runs a command to its end, without a shell.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, uid?: number, gid?: number, timeoutMs?: number, yields?: boolean,
 *   onOutput?: (chunk: Buffer) => void}} [options] `yields`: only with what others leave of the machine
 * @returns {Promise<{code: number | null, output: string, failedToRun: boolean}>} output is stdout and stderr, its last 64 KiB
 */
export function run(command, args, options = {}) {
  const { timeoutMs = 600_000, onOutput, yields = false, ...rest } = options;
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...rest,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    underWay.add(child);
    child.once('close', () => underWay.delete(child));
    if (yields && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (/** @type {Buffer} */ chunk) => {
        output = (output + chunk.toString()).slice(-65_536);
        onOutput?.(chunk);
      });
    }
    child.once('error', (error) => resolve({ code: null, output: `${output}${error.message}`, failedToRun: true }));
    child.once('close', (code) => resolve({ code, output, failedToRun: false }));
  });
}

/** The last lines that say something. @param {string} output @param {number} [count] */
export function lastLines(output, count = 1) {
  const lines = output.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(-count)
    .join('; ');
}
