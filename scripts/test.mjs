// @ts-check
// `npm test`: builds, checks and tests everything, on free ports, and closes with one line that counts it all.
//   npm test -- --only libs/bus     builds everything, then runs only the tests whose path holds this; no checks
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './start/build.mjs';
import { buildConsole } from './start/console.mjs';
import { checkNode, installDependencies } from './start/dependencies.mjs';
import { findOrInstallNats } from './start/nats-binary.mjs';
import { complain, inOneLine, say } from './start/say.mjs';
import { installCallTools } from './test/call-tools.mjs';
import { runChecks } from './test/checks.mjs';
import { runVitest } from './test/vitest.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @type {{passed: number, failed: number, skipped: number}} */
const total = { passed: 0, failed: 0, skipped: 0 };

try {
  const { only, rest } = parseArgs(process.argv.slice(2));
  checkNode(process.versions.node);
  await installDependencies(root);
  const nats = await findOrInstallNats(join(root, '.parley'));
  await Promise.all([installCallTools(), build(root)]);
  await buildConsole(root);
  total.passed += 1;
  say('✓ build');
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}${delimiter}${dirname(nats)}` };
  // Side by side: the checks need one core for a minute, and the first tests leave some of two.
  const [checks, counts] = await Promise.all([
    only.length === 0 ? runChecks(root, tell) : [],
    runVitest(root, [...only, ...rest], env),
  ]);
  for (const { passed } of checks) total[passed ? 'passed' : 'failed'] += 1;
  for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += counts[key];
} catch (error) {
  total.failed += 1;
  complain(inOneLine(error));
}

const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`;
say(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** @param {import('./test/checks.mjs').Result} result */
function tell({ name, passed, seconds, output }) {
  say(`${passed ? '✓' : '✗'} ${name} (${seconds.toFixed(1)} s)`);
  if (!passed) say(output.trimEnd());
}

/** What is not ours goes to vitest: `npm test -- --only libs/bus -t 'gap'`. @param {readonly string[]} args */
function parseArgs(args) {
  /** @type {string[]} */
  const only = [];
  /** @type {string[]} */
  const rest = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--only') only.push(args[(i += 1)] ?? '');
    else if (arg.startsWith('--only=')) only.push(arg.slice('--only='.length));
    else rest.push(arg);
  }
  return { only: only.filter((each) => each !== ''), rest };
}
