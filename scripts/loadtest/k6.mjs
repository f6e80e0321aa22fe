// @ts-check
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bin, hasGo } from '../go.mjs';
import { lastLines, run } from '../start/commands.mjs';
import { step } from '../start/say.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const K6 = 'v1.8.1';
const BUILD_MS = 15 * 60_000;
const NEEDS = `k6 is needed and is not here: install it (https://grafana.com/docs/k6), or Go, which builds it (go install go.k6.io/k6@${K6})`;

/** Compiled from loadtests/src. */
export const scripts = join(root, 'loadtests', 'dist');

/**
 * k6, built from its Go module unless one of its first major version is at hand. Fails with one clear line where it cannot be had.
 * @returns {Promise<string>}
 */
export async function findK6() {
  const folders = [bin, ...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), 'go', 'bin')];
  for (const place of folders.map((folder) => join(folder, 'k6'))) {
    if (existsSync(place) && /^k6(\.exe)? v1\./.test((await run(place, ['version'])).output)) return place;
  }
  if (!(await hasGo())) throw new Error(NEEDS);
  mkdirSync(bin, { recursive: true });
  const options = { env: { ...process.env, GOBIN: bin, GOFLAGS: '-buildvcs=false' }, timeoutMs: BUILD_MS, cwd: root };
  const built = await step(`Building k6 ${K6} with Go`, () => run('go', ['install', `go.k6.io/k6@${K6}`], options));
  if (built.code !== 0) throw new Error(`${NEEDS}; ${lastLines(built.output)}`);
  return join(bin, 'k6');
}

/**
 * @typedef {object} Finished
 * @property {boolean} passed every threshold held
 * @property {Record<string, any>} metrics as k6 summarises them
 * @property {string} output what k6 and the script said, its end
 * @property {number} seconds
 */

/**
 * Runs one script to its end, which comes within `timeoutMs` by all means.
 * @param {string} k6
 * @param {string} name
 * @param {Record<string, string | number>} settings see loadtests/src/lib/settings.ts
 * @param {{timeoutMs: number, signal?: AbortSignal}} bounds
 * @returns {Promise<Finished>}
 */
export async function runScript(k6, name, settings, { timeoutMs, signal }) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-load-'));
  const summary = join(folder, 'summary.json');
  const given = Object.entries({ ...settings, SUMMARY: summary }).flatMap(([key, value]) => ['-e', `${key}=${value}`]);
  const args = ['run', '--quiet', '--no-usage-report', '--log-format', 'raw', ...given, join(scripts, `${name}.js`)];
  const begun = Date.now();
  try {
    const { code, output } = await execute(k6, args, timeoutMs, signal);
    const metrics = existsSync(summary) ? JSON.parse(readFileSync(summary, 'utf8')).metrics : {};
    return { passed: code === 0 && existsSync(summary), metrics, output, seconds: (Date.now() - begun) / 1_000 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} k6 @param {readonly string[]} args @param {number} timeoutMs @param {AbortSignal} [signal]
 * @returns {Promise<{code: number | null, output: string}>}
 */
function execute(k6, args, timeoutMs, signal) {
  return new Promise((resolve, reject) => {
    let output = '';
    // Nothing of ours goes to k6's makers, and nothing is asked of them.
    const env = { ...process.env, K6_NO_USAGE_REPORT: 'true', NO_COLOR: '1' };
    const child = spawn(k6, [...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const stop = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', stop);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (/** @type {Buffer} */ chunk) => (output = (output + chunk.toString()).slice(-65_536)));
    }
    child.once('error', reject);
    child.once('close', (code) => {
      signal?.removeEventListener('abort', stop);
      resolve({ code, output });
    });
  });
}
