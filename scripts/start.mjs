// @ts-check
// `npm start`: everything that Parley needs, on this machine, until Ctrl-C. Uses nothing but Node until the dependencies
// are installed; the parts are in start/.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './start/build.mjs';
import { buildConsole, consoleProjects } from './start/console.mjs';
import { checkNode, installDependencies } from './start/dependencies.mjs';
import { parseFlags, usage } from './start/flags.mjs';
import { Launcher, PROJECTS } from './start/launcher.mjs';
import { StartError, complain, inOneLine, note, say } from './start/say.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** npm passes a signal on that the terminal has already sent us: one Ctrl-C may arrive twice. */
const SAME_SIGNAL_MS = 500;

/** @type {Launcher | undefined} */
let launcher;
let stoppedAt = 0;

// npm hands signals on to us, as long as the script is `exec node …`: without it a shell in between takes them and leaves
// us alone. Killed outright, npm says nothing, so we look whether it is still there.
const parent = process.ppid;
if (process.env['npm_lifecycle_event'] === 'start') {
  setInterval(() => {
    if (process.ppid !== parent && stoppedAt === 0) void stop('SIGTERM');
  }, 1_000).unref();
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => void stop(signal));

try {
  checkNode(process.versions.node);
  const flags = parseFlags(process.argv.slice(2), root);
  if (flags.help) {
    say(usage);
    process.exit(0);
  }
  await installDependencies(root);
  await build(root, [...PROJECTS, ...consoleProjects(root)]);
  await buildConsole(root);
  if (stoppedAt > 0) process.exit(1);
  launcher = new Launcher(root, flags);
  await launcher.start();
  say('Ready');
  await launcher.broken;
  await launcher.stop();
  process.exit(1);
} catch (error) {
  // A signal while starting makes the step under way fail; that was said already.
  if (stoppedAt === 0) {
    complain(`Parley could not start: ${inOneLine(error)}`);
    if (error instanceof Error && !(error instanceof StartError)) note(error.stack ?? '');
    await launcher?.stop();
    process.exit(1);
  }
}

/** @param {NodeJS.Signals} signal */
async function stop(signal) {
  if (stoppedAt > 0) {
    if (Date.now() - stoppedAt < SAME_SIGNAL_MS) return;
    complain('Stopping at once');
    await launcher?.force();
    process.exit(1);
  }
  stoppedAt = Date.now();
  say(`Stopping (${signal}); once more to stop at once`);
  await launcher?.stop();
  say('Stopped');
  process.exit(0);
}
