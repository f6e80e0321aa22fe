// @ts-check
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lastLines } from '../start/commands.mjs';
import { canInstall, installPackage } from '../start/debian.mjs';
import { step } from '../start/say.mjs';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What builds images, runs them, and makes the system that is below them: Debian's packages, and their programs. */
const TOOLS = { buildah: '/usr/bin/buildah', runc: '/usr/sbin/runc', debootstrap: '/usr/sbin/debootstrap' };

const LONGEST_MS = 20 * 60_000;

const execute = promisify(execFile);

/** @type {Set<import('node:child_process').ChildProcess>} */
const underWay = new Set();

/** Ends what `call` still runs, so that whoever waits for it can clean up. */
export function abandonCalls() {
  for (const child of underWay) child.kill('SIGTERM');
}

/**
 * Installs what is missing where that is possible.
 * @returns {Promise<string | undefined>} why images cannot be built and run here, if so
 */
export async function installImageTools() {
  for (const [name, path] of Object.entries(TOOLS)) {
    if (existsSync(path)) continue;
    if (!canInstall()) return `there is no ${name} (apt-get install ${name})`;
    const reason = await step(`Installing ${name} (apt-get)`, () => installPackage(name));
    if (!existsSync(path)) return `${name} cannot be installed: ${reason ?? 'the package has no such program'}`;
  }
  if (process.getuid?.() !== 0) return 'building and running them here needs root';
  try {
    // Every step of a build is a mount, and every container namespaces of its own.
    await call('unshare', ['--mount', '--pid', '--ipc', '--uts', '--fork', 'mount', '-t', 'tmpfs', 'none', '/mnt']);
  } catch (error) {
    return `mounting is not permitted: ${error instanceof Error ? error.message : String(error)}`;
  }
  return undefined;
}

/**
 * Runs a command to its end. Throws with its last words when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, yields?: boolean}} [options] `yields`: only with what others leave of the machine
 * @returns {Promise<string>} what it wrote to standard output
 */
export async function call(command, args, { yields = false, ...options } = {}) {
  const running = execute(command, args, { ...options, maxBuffer: 2 ** 26, timeout: LONGEST_MS });
  underWay.add(running.child);
  if (yields && running.child.pid !== undefined)
    setPriority(running.child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  try {
    return (await running).stdout;
  } catch (error) {
    const { stderr = '', stdout = '' } = /** @type {{stderr?: string, stdout?: string}} */ (error);
    throw new Error(`${command} ${args.slice(0, 12).join(' ')}: ${lastLines(`${stdout}\n${stderr}`, 12)}`);
  } finally {
    underWay.delete(running.child);
  }
}
