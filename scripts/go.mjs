// @ts-check
// Programs and sources that Go can give us, where it is at hand.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastLines, run } from './start/commands.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A build takes minutes where nothing is cached. */
const BUILD_MS = 30 * 60_000;

/** Where Go puts what it builds for us; kept between runs. */
export const bin = join(root, '.parley', 'bin');

/** @returns {Promise<boolean>} */
export async function hasGo() {
  return (await run('go', ['version'])).code === 0;
}

/** @param {string} module @param {string} version @returns {Promise<string>} its sources, in Go's cache */
export async function moduleFolder(module, version) {
  const { output } = await run('go', ['mod', 'download', '-json', `${module}@${version}`], goOptions());
  const said = JSON.parse(output.slice(output.indexOf('{\n')));
  if (said.Error !== undefined) throw new Error(said.Error);
  return said.Dir;
}

/** @param {readonly string[]} args @param {NodeJS.ProcessEnv} [env] @param {string} [cwd] */
export async function go(args, env, cwd) {
  const { code, output } = await run('go', args, goOptions(env, cwd));
  if (code !== 0) throw new Error(`go ${args.join(' ')}: ${lastLines(output, 3)}`);
}

/** @param {NodeJS.ProcessEnv} [env] @param {string} [cwd] */
function goOptions(env = {}, cwd = root) {
  return { env: { ...process.env, ...env }, timeoutMs: BUILD_MS, yields: true, cwd };
}
