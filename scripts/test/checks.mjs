// @ts-check
import { join } from 'node:path';
import { run } from '../start/commands.mjs';

/** @typedef {{name: string, passed: boolean, seconds: number, output: string}} Result */

/** What is checked besides running the tests: name, program of node_modules, arguments. */
const CHECKS = /** @type {const} */ ([
  ['lint', 'eslint/bin/eslint.js', ['.']],
  ['format', 'prettier/bin/prettier.cjs', ['--check', '.']],
  ['types of the scripts', 'typescript/bin/tsc', ['-p', 'scripts']],
  [
    'walls and cycles',
    'dependency-cruiser/bin/dependency-cruise.mjs',
    ['--config', '.dependency-cruiser.cjs', 'libs', 'services', 'conformance', 'bench', 'loadtests'],
  ],
  ['generated docs', undefined, ['scripts/docs.mjs', '--check']],
]);

/** How long the slowest may take; lint reads the types of everything. */
const TIMEOUT_MS = 20 * 60_000;

/**
 * Runs them side by side, each in a process of its own, which leaves the machine to the tests that run meanwhile.
 * @param {string} root
 * @param {(result: Result) => void} tell
 * @returns {Promise<Result[]>}
 */
export function runChecks(root, tell) {
  return Promise.all(
    CHECKS.map(async ([name, program, args]) => {
      const begun = Date.now();
      const file = program === undefined ? [] : [join(root, 'node_modules', program)];
      // Tests have deadlines, checks have none.
      const options = { cwd: root, timeoutMs: TIMEOUT_MS, yields: true };
      const { code, output } = await run(process.execPath, [...file, ...args], options);
      const result = { name, passed: code === 0, seconds: (Date.now() - begun) / 1_000, output };
      tell(result);
      return result;
    }),
  );
}
