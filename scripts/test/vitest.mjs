// @ts-check
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {{passed: number, failed: number, skipped: number}} Counts */

/** A worker that spins is never told of its timeout; this ends the run, and what has not reported counts as failed. */
const LONGEST_MS = 45 * 60_000;

/**
 * Runs vitest with its output shown as it comes, and counts what it reports.
 * @param {string} root
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Counts>}
 */
export async function runVitest(root, args, env) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-report-'));
  const report = join(folder, 'report.json');
  try {
    const code = await show(process.execPath, [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ]);
    return countsOf(read(report), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }

  /** @param {string} command @param {readonly string[]} rest @returns {Promise<number | null>} */
  function show(command, rest) {
    return new Promise((resolve) => {
      const child = spawn(command, rest, { cwd: root, env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
      const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
      // Vitest ends its workers, whose children end with them.
      process.on('SIGTERM', pass).on('SIGINT', pass);
      const timer = setTimeout(() => {
        process.stderr.write(`the tests did not end within ${LONGEST_MS / 60_000} minutes\n`);
        // Its workers are of its process group, and one that spins would outlive it.
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      }, LONGEST_MS);
      child.once('error', () => resolve(null));
      child.once('close', (code, signal) => {
        if (signal !== null) process.stderr.write(`the tests were ended by ${signal}\n`);
        clearTimeout(timer);
        process.off('SIGTERM', pass).off('SIGINT', pass);
        resolve(code);
      });
    });
  }
}

/** @param {string} file @returns {unknown} */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Vitest counts tests; a file that does not even load, or an error outside of every test, is a failure too.
 * @param {any} report
 * @param {number | null} code
 * @returns {Counts}
 */
export function countsOf(report, code) {
  if (typeof report !== 'object' || report === null) return { passed: 0, failed: 1, skipped: 0 };
  /** @type {{status: string, assertionResults: {status: string}[]}[]} */
  const files = report.testResults ?? [];
  const broken = files.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = Number(report.numFailedTests ?? 0) + broken.length;
  return {
    passed: Number(report.numPassedTests ?? 0),
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: Number(report.numPendingTests ?? 0) + Number(report.numTodoTests ?? 0),
  };
}
